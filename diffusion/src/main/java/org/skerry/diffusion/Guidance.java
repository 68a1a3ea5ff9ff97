package org.skerry.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;

/**
 * Classifier-free guidance (Ho and Salimans, arXiv 2207.12598): {@code u + scale (c - u)}, where
 * {@code c} knows the condition and {@code u} does not.
 *
 * <p>An ensemble guides each expert and mixes afterwards (McAllister et al., arXiv 2501.05450).
 *
 * @param scale 1 leaves the conditional prediction as it is
 * @param channels how many of the leading channels are guided; the others stay the conditional
 *     ones. {@code forward_with_cfg} of facebookresearch/DiT and willisma/SiT guides 3, even of
 *     latents with 4
 */
public record Guidance(double scale, int channels) {
  /** What the published samples of DiT and SiT were guided in. */
  public static final int REFERENCE_CHANNELS = 3;

  public Guidance {
    if (!Double.isFinite(scale)) {
      throw new IllegalArgumentException("guidance scale " + scale + " is not a finite number");
    }
    ConfigProperties.range("guided channels", channels, 1, Integer.MAX_VALUE);
  }

  /** Guidance of every channel. */
  public static Guidance ofAllChannels(double scale) {
    return new Guidance(scale, Integer.MAX_VALUE);
  }

  /**
   * The guided prediction, in {@code conditional}'s manager.
   *
   * @param conditional {@code [batch, channels, height, width]}
   * @param unconditional as {@code conditional}
   */
  public NDArray apply(NDArray conditional, NDArray unconditional) {
    if (channels >= conditional.getShape().get(1)) {
      return guided(conditional, unconditional);
    }
    NDIndex guided = new NDIndex(":, :{}", channels);
    NDArray first = guided(conditional.get(guided), unconditional.get(guided));
    NDArray rest = conditional.get(new NDIndex(":, {}:", channels));
    return NDArrays.concat(new NDList(first, rest), 1);
  }

  /** The field that {@code conditional} and {@code unconditional} make together. */
  public VelocityField field(VelocityField conditional, VelocityField unconditional) {
    return new VelocityField() {
      @Override
      public NDArray at(NDArray x, NDArray t) {
        return apply(conditional.at(x, t), unconditional.at(x, t));
      }

      @Override
      public void prepare() {
        conditional.prepare();
        unconditional.prepare();
      }
    };
  }

  private NDArray guided(NDArray conditional, NDArray unconditional) {
    return conditional.sub(unconditional).mul(scale).add(unconditional);
  }
}
