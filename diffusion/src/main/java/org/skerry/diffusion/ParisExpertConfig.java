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
    int textWidth) {
  /** The name of the family in {@link #toProperties}; it is none of {@link NetworkConfig}'s. */
  public static final String FAMILY = "paris-expert";

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

  /** The family and every number of the configuration, as text, in the order of the record. */
  public Map<String, String> toProperties() {
    return ConfigProperties.of(FAMILY, this);
  }

  /**
   * The inverse of {@link #toProperties}.
   *
   * @throws IllegalArgumentException when a value is missing, unknown or out of range
   */
  public static ParisExpertConfig fromProperties(Map<String, String> properties) {
    var reader = new ConfigProperties(properties);
    if (!reader.text("family").equals(FAMILY)) {
      throw new IllegalArgumentException("'" + reader.text("family") + "' is not " + FAMILY);
    }
    ParisExpertConfig config = reader.read(ParisExpertConfig.class);
    reader.requireNothingElse();
    return config;
  }

  /** How many numbers the parameters hold. */
  public long parameterCount() {
    return parameters().stream().mapToLong(ParameterSpec::size).sum();
  }

  List<ParameterSpec> parameters() {
    return ParisExpert.parameters(this);
  }
}
