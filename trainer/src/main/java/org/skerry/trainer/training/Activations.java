package org.skerry.trainer.training;

import org.skerry.diffusion.DitClassifierConfig;
import org.skerry.diffusion.DitConfig;
import org.skerry.diffusion.NetworkConfig;
import org.skerry.diffusion.ParisExpertConfig;
import org.skerry.diffusion.ParisRouterConfig;
import org.skerry.diffusion.UNetClassifierConfig;
import org.skerry.diffusion.UNetConfig;

/**
 * How many values one image leaves behind in a forward pass until its gradient is computed, counted
 * over the operations of each family. Attention keeps no square of the tokens: the fused kernel
 * computes it again.
 */
final class Activations {
  private Activations() {}

  /**
   * @param kept until the gradient is computed
   * @param passing of the largest block, which come and go with its gradient
   * @param recomputed kept when blocks are computed again: what goes into each, and all that the
   *     largest keeps
   */
  record Values(long kept, long passing, long recomputed) {}

  /**
   * @param textTokens of the longest text that the network looks at
   */
  static Values of(NetworkConfig config, int textTokens) {
    return switch (config) {
      case UNetConfig c -> unet(c);
      case UNetClassifierConfig c -> wayDown(c);
      case DitConfig c ->
          transformer(tokens(c.imageSize(), c.patch()), c.hidden(), c.mlpHidden(), c.depth());
      case DitClassifierConfig c ->
          transformer(tokens(c.imageSize(), c.patch()) + 1, c.hidden(), c.mlpHidden(), c.depth());
      case ParisExpertConfig c -> reader(c, textTokens);
      case ParisRouterConfig c ->
          transformer(tokens(c.imageSize(), c.patch()) + 1, c.hidden(), c.mlpHidden(), c.depth());
    };
  }

  private static long tokens(long imageSize, long patch) {
    return (imageSize / patch) * (imageSize / patch);
  }

  /**
   * Of each block and token: both norms and their modulation, queries, keys and values, attention,
   * both projections and both sums are as wide as the token, the perceptron's two layers as wide as
   * it is.
   */
  private static Values transformer(long tokens, long hidden, long mlpHidden, long depth) {
    long block = tokens * (12 * hidden + 2 * mlpHidden) + 8 * hidden;
    long ends = tokens * 4 * hidden;
    return new Values(
        depth * block + ends,
        tokens * (4 * hidden + 2 * mlpHidden),
        depth * tokens * hidden + ends + block);
  }

  /**
   * A transformer whose blocks also keep the queries of a second attention, what it finds and what
   * becomes of that, and, of each token of the text, its keys and values. All blocks share one
   * modulation and what the text's tokens were made into.
   */
  private static Values reader(ParisExpertConfig c, long textTokens) {
    long tokens = tokens(c.imageSize(), c.patch());
    long hidden = c.hidden();
    Values plain = transformer(tokens, hidden, c.mlpHidden(), c.depth());
    long block = 4 * tokens * hidden + 2 * textTokens * hidden;
    long words = textTokens * (hidden + c.textWidth()) + 8 * hidden;
    return new Values(
        plain.kept() + c.depth() * block + words,
        plain.passing() + 2 * textTokens * hidden,
        plain.recomputed() + block + words);
  }

  /**
   * Convolutions copy what they read into an order of their own, three times as wide on the way up.
   */
  private static Values unet(UNetConfig c) {
    long pixels = (long) c.imageSize() * c.imageSize();
    long kept = pixels * (2L * c.width() + c.channels());
    long inputs = kept;
    long passing = 0;
    int bottom = c.levels() - 1;
    for (int level = 0; level < bottom; level++) {
      long width = (long) c.width() << level;
      kept += residual(pixels, width, width) + pixels / 4 * 2 * width;
      kept += pixels * 3 * width + residual(pixels, 3 * width, width);
      inputs += pixels * 6 * width;
      passing = Math.max(passing, pixels * 20 * width);
      pixels /= 4;
    }
    long widest = (long) c.width() << bottom;
    kept += 2 * residual(pixels, widest, widest);
    inputs += pixels * 3 * widest;
    long square = (long) c.imageSize() * c.imageSize();
    long largest =
        bottom == 0
            ? residual(square, widest, widest)
            : residual(square, 3L * c.width(), c.width());
    return new Values(kept, Math.max(passing, pixels * 8 * widest), inputs + largest);
  }

  private static Values wayDown(UNetClassifierConfig c) {
    long pixels = (long) c.imageSize() * c.imageSize();
    long kept = pixels * c.width();
    long inputs = kept;
    long passing = pixels * 8 * c.width();
    long largest = residual(pixels, c.width(), c.width());
    for (int level = 0; level < c.levels(); level++) {
      long width = (long) c.width() << level;
      kept += residual(pixels, width, width) + (level > 0 ? pixels * width : 0);
      inputs += pixels * 2 * width;
      pixels /= 4;
    }
    return new Values(kept, passing, inputs + largest);
  }

  /** Both norms, both activations, the first convolution and the sum. */
  private static long residual(long pixels, long in, long out) {
    return pixels * (2 * in + 4 * out);
  }
}
