package org.skerry.diffusion;

import ai.djl.ndarray.NDArray;
import org.skerry.diffusion.torch.Kernels;

/**
 * The rectified-flow path {@code x_t = (1 - t) x_0 + t ε} from data (t = 0) to noise (t = 1), whose
 * velocity is {@code v = ε - x_0} (Liu et al., arXiv 2209.03003).
 *
 * <p>DiT's time runs the same way and SiT's the other ({@link DitConvention}). Other networks here
 * embed {@code 1000 t}, so that DiT's sinusoid, made for steps 0 to 999, covers its range.
 */
public final class FlowPath {
  private FlowPath() {}

  /**
   * {@code x_t} in {@code x0}'s manager.
   *
   * @param x0 {@code [batch, channels, height, width]}
   * @param eps as {@code x0}
   * @param t {@code [batch]}
   */
  public static NDArray at(NDArray x0, NDArray eps, NDArray t) {
    return Kernels.flowPoint(x0, eps, t);
  }

  /** {@code ε - x_0}, in {@code eps}' manager. */
  public static NDArray velocity(NDArray x0, NDArray eps) {
    return eps.sub(x0);
  }
}
