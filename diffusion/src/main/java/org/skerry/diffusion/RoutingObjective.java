package org.skerry.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.skerry.diffusion.torch.Kernels;

/**
 * Cross-entropy of the partition given a noised image: {@code -log p(k | x_t, t)}.
 *
 * <p>Its minimum is the posterior that makes {@code Σ_k p(k | x, t) u_k(x, t)} the velocity of the
 * whole dataset, provided that batches hold partitions in the dataset's proportions (McAllister et
 * al., arXiv 2501.05450).
 */
public record RoutingObjective() implements Objective {
  @Override
  public NDArray losses(NDManager step, Network network, Parameters parameters, Batch batch) {
    NDArray xT = FlowPath.at(batch.images(), batch.noise(), batch.times());
    NDArray logits = network.forward(parameters, xT, batch.times(), null);
    return Kernels.crossEntropies(logits, batch.requiredLabels());
  }
}
