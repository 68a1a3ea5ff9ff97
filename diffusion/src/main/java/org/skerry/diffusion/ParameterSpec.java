package org.skerry.diffusion;

import ai.djl.ndarray.types.Shape;

/**
 * One parameter of a network.
 *
 * @param trainable false for tables that are stored with the weights but never move
 */
public record ParameterSpec(String name, Shape shape, Initialiser initialiser, boolean trainable) {
  static ParameterSpec of(Initialiser initialiser, String name, long... shape) {
    return new ParameterSpec(name, new Shape(shape), initialiser, true);
  }

  /** How many numbers it holds. */
  public long size() {
    return shape.size();
  }
}
