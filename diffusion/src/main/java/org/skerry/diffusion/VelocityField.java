package org.skerry.diffusion;

import ai.djl.ndarray.NDArray;

/**
 * {@code v = u(x, t)}: where the flow moves each point. A network, an ensemble and a closed-form
 * solution all are one.
 */
@FunctionalInterface
public interface VelocityField {
  /**
   * The velocity at each point, in {@code x}'s manager and type.
   *
   * @param x {@code [batch, …]}, any shape behind the batch
   * @param t {@code [batch]} in {@code [0, 1]}, 0 = data, 1 = noise
   * @return as {@code x}
   */
  NDArray at(NDArray x, NDArray t);

  /** Says that {@link #at} will be called soon, so that what it needs can be fetched meanwhile. */
  default void prepare() {}
}
