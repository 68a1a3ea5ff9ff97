package org.skerry.diffusion;

import static org.skerry.diffusion.ConfigProperties.range;

import java.util.List;

/**
 * The shape of a {@link ParisExpert}.
 *
 * @param channels of the latents
 * @param imageSize height and width of the latents
 * @param patch side of a patch; divides the image size
 * @param hidden width of the tokens, a multiple of 4 and of the heads
 * @param depth blocks
 * @param heads of both attentions
 * @param mlpHidden width inside each block's perceptron
 * @param textWidth width of the text encoder's tokens
 */
public record ParisExpertConfig(
    int channels,
    int imageSize,
    int patch,
    int hidden,
    int depth,
    int heads,
    int mlpHidden,
    int textWidth) {
  public ParisExpertConfig {
    DitConfig.requireShape(channels, imageSize, patch, hidden, depth, heads, mlpHidden);
    range("text width", textWidth, 1, 16_384);
  }

  /** The eight published experts: DiT-XL/2 on latents of 32, text by CLIP ViT-L/14. */
  public static ParisExpertConfig published() {
    return new ParisExpertConfig(4, 32, 2, 1152, 28, 16, 4608, 768);
  }

  /** How many numbers the parameters hold. */
  public long parameterCount() {
    return parameters().stream().mapToLong(ParameterSpec::size).sum();
  }

  List<ParameterSpec> parameters() {
    return ParisExpert.parameters(this);
  }
}
