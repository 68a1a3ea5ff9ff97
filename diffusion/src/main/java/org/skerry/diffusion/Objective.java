package org.skerry.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/** What a network is trained to make small. */
public interface Objective {
  /**
   * The loss of each sample: {@code [batch]}, in the step's manager.
   *
   * @param step the manager that owns everything this step makes; the batch lives in it too
   */
  NDArray losses(NDManager step, Network network, Parameters parameters, Batch batch);

  /** The mean of {@link #losses}, a scalar. */
  default NDArray loss(NDManager step, Network network, Parameters parameters, Batch batch) {
    return losses(step, network, parameters, batch).mean();
  }
}
