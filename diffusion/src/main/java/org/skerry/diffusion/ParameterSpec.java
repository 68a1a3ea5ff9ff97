package org.skerry.diffusion;

import ai.djl.ndarray.types.Shape;

/**
 * One parameter of a network.
 *
 * @param trainable false for tables that are stored with the weights but never move
 * @param hidden whether it is the weight matrix of a layer between hidden layers: not a bias or a
 *     gain, not a table, and not where images come in or results go out
 */
public record ParameterSpec(
    String name, Shape shape, Initialiser initialiser, boolean trainable, boolean hidden) {
  /** A trainable parameter at an edge of the network, or not a matrix. */
  static ParameterSpec of(Initialiser initialiser, String name, long... shape) {
    return new ParameterSpec(name, new Shape(shape), initialiser, true, false);
  }

  /** The weight matrix of a layer between hidden layers. */
  static ParameterSpec hidden(Initialiser initialiser, String name, long... shape) {
    return new ParameterSpec(name, new Shape(shape), initialiser, true, true);
  }

  /** This parameter, at an edge of the network. */
  ParameterSpec atEdge() {
    return new ParameterSpec(name, shape, initialiser, trainable, false);
  }

  /** How many numbers it holds. */
  public long size() {
    return shape.size();
  }
}
