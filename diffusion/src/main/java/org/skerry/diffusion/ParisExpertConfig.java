package org.skerry.diffusion;

import static org.skerry.diffusion.ConfigProperties.range;

import java.util.List;
import java.util.Map;
import org.skerry.diffusion.safetensors.HostTensor;

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
    int textWidth)
    implements NetworkConfig {
  public ParisExpertConfig {
    DitConfig.requireShape(channels, imageSize, patch, hidden, depth, heads, mlpHidden);
    range("text width", textWidth, 1, 16_384);
  }

  /** The eight published experts: DiT-XL/2 on latents of 32, text by CLIP ViT-L/14. */
  public static ParisExpertConfig published() {
    return new ParisExpertConfig(4, 32, 2, 1152, 28, 16, 4608, 768);
  }

  /**
   * The configuration whose weights {@code tensors} look like; reading them strictly then says
   * whether they are.
   *
   * @param heads which no shape tells
   * @throws IllegalArgumentException when they do not look like an expert's
   */
  public static ParisExpertConfig of(Map<String, HostTensor> tensors, int heads) {
    ParisShape shape = ParisShape.of(tensors);
    return new ParisExpertConfig(
        shape.channels(),
        shape.imageSize(),
        shape.patch(),
        shape.hidden(),
        shape.depth(),
        heads,
        shape.mlpHidden(),
        ParisShape.side(tensors, "text_proj.weight", 2, 1));
  }

  /** It knows texts, and no classes. */
  @Override
  public int labels() {
    return 0;
  }

  @Override
  public List<ParameterSpec> parameters() {
    return ParisExpert.parameters(this);
  }
}
