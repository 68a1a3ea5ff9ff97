package org.skerry.diffusion;

import static org.skerry.diffusion.ConfigProperties.divides;
import static org.skerry.diffusion.ConfigProperties.range;

import java.util.List;

/**
 * A diffusion transformer with adaLN-Zero ({@link Dit}). {@link DitSize} has the published ones.
 *
 * @param channels of the images or latents
 * @param imageSize height and width
 * @param patch side of a patch; divides the image size
 * @param hidden width of the tokens, a multiple of 4 and of the heads
 * @param depth blocks
 * @param heads of the attention
 * @param mlpHidden width inside each block's perceptron; DiT uses four times the hidden width
 * @param labels class labels that condition the network, 0 for none; one more row stands for "no
 *     label"
 * @param learnSigma whether the last layer also predicts a variance, which sampling here ignores
 * @param convention whose time and output the network follows
 */
public record DitConfig(
    int channels,
    int imageSize,
    int patch,
    int hidden,
    int depth,
    int heads,
    int mlpHidden,
    int labels,
    boolean learnSigma,
    DitConvention convention)
    implements NetworkConfig {
  public DitConfig {
    requireShape(channels, imageSize, patch, hidden, depth, heads, mlpHidden);
    range("labels", labels, 0, 1_000_000);
  }

  /** A network in {@link DitConvention#DIT DiT's convention}. */
  public DitConfig(
      int channels,
      int imageSize,
      int patch,
      int hidden,
      int depth,
      int heads,
      int mlpHidden,
      int labels,
      boolean learnSigma) {
    this(
        channels,
        imageSize,
        patch,
        hidden,
        depth,
        heads,
        mlpHidden,
        labels,
        learnSigma,
        DitConvention.DIT);
  }

  /** Checks what all transformers over patches have in common. */
  static void requireShape(
      int channels, int imageSize, int patch, int hidden, int depth, int heads, int mlpHidden) {
    range("channels", channels, 1, 64);
    range("image size", imageSize, 1, 1024);
    range("patch", patch, 1, imageSize);
    range("hidden", hidden, 4, 16_384);
    range("depth", depth, 1, 256);
    range("heads", heads, 1, hidden);
    range("mlp hidden", mlpHidden, 1, 65_536);
    range("tokens", (long) (imageSize / patch) * (imageSize / patch), 1, 65_536);
    divides("patch", patch, "image size", imageSize);
    divides("4, for sines and cosines of two axes,", 4, "hidden", hidden);
    divides("heads", heads, "hidden", hidden);
  }

  @Override
  public List<ParameterSpec> parameters() {
    return Dit.parameters(this);
  }
}
