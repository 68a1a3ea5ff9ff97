package org.skerry.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.skerry.diffusion.torch.Kernels;

/**
 * Conditional flow matching: {@code mean |v(x_t, t) - (ε - x_0)|²} over channels and pixels (Lipman
 * et al., arXiv 2210.02747). Labels and texts are passed on to networks that take them.
 */
public record FlowObjective() implements Objective {
  @Override
  public NDArray losses(NDManager step, Network network, Parameters parameters, Batch batch) {
    NDArray xT = FlowPath.at(batch.images(), batch.noise(), batch.times());
    NDArray velocity = network.predict(parameters, xT, batch);
    return Kernels.flowLosses(velocity, batch.images(), batch.noise());
  }
}
