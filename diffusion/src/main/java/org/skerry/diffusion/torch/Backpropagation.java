package org.skerry.diffusion.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.function.Supplier;

/**
 * How a loss and its gradients are computed.
 *
 * @param precision of matrix products, forward and backward
 * @param scale by which all gradients come out too large, so that small ones do not vanish in
 *     float16; 1 for what they are
 * @param recompute whether blocks of the network forget what they computed and compute it again
 *     when the gradient comes by: less memory for about a third more time, the same result
 */
public record Backpropagation(Precision precision, double scale, boolean recompute) {
  /** Float32, keeping everything. */
  public static final Backpropagation PLAIN = new Backpropagation(Precision.FLOAT32, 1, false);

  public Backpropagation {
    if (!(scale > 0 && Double.isFinite(scale))) {
      throw new IllegalArgumentException("gradient scale " + scale + " is not positive and finite");
    }
  }

  /**
   * Computes a scalar loss and accumulates its gradient, times {@link #scale}, in every parameter
   * that asks for one.
   *
   * @param step the manager of this training step, which owns what the loss leaves behind
   * @return the loss, a scalar
   */
  public NDArray run(NDManager step, Supplier<NDArray> loss) {
    return precision.in(() ->
        recompute ? new Recomputation().run(step, loss, scale) : Torch.backward(step, loss, scale));
  }
}
