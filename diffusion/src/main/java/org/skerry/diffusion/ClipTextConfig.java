package org.skerry.diffusion;

import static org.skerry.diffusion.ConfigProperties.divides;
import static org.skerry.diffusion.ConfigProperties.range;

import java.util.List;
import java.util.Map;
import org.skerry.diffusion.safetensors.HostTensor;

/**
 * The shape of a {@link ClipTextEncoder}.
 *
 * @param vocabulary how many tokens there are to choose from
 * @param maxTokens positions
 * @param width of the tokens, a multiple of the heads
 * @param depth blocks
 * @param heads of the attention
 * @param inner width inside each block's perceptron
 * @param activation of the perceptron
 */
public record ClipTextConfig(
    int vocabulary,
    int maxTokens,
    int width,
    int depth,
    int heads,
    int inner,
    Activation activation)
    implements TextEncoderConfig {
  /** The name of the family in {@link #toProperties}. */
  public static final String FAMILY = "clip-text";

  private static final int MAX_DEPTH = 256;

  /** Both are called GELU; they differ by up to 0.02. */
  public enum Activation {
    /** {@code x · sigmoid(1.702 x)}, of the models by OpenAI. */
    QUICK_GELU,
    /** {@code x Φ(x)}, of later ones. */
    GELU
  }

  public ClipTextConfig {
    range("vocabulary", vocabulary, 1, 1 << 20);
    range("text positions", maxTokens, 2, 4096);
    range("text width", width, 1, 16_384);
    range("text depth", depth, 1, MAX_DEPTH);
    range("text heads", heads, 1, 1024);
    range("text inner width", inner, 1, 1 << 17);
    divides("text heads", heads, "text width", width);
  }

  /** The text encoder of CLIP ViT-L/14, with which Stable Diffusion 1 and Paris read prompts. */
  public static ClipTextConfig vitL14() {
    return new ClipTextConfig(49_408, 77, 768, 12, 12, 3072, Activation.QUICK_GELU);
  }

  /**
   * The configuration whose weights {@code tensors} look like; reading them strictly then says
   * whether they are.
   *
   * @param heads and {@code activation}, which no shape tells
   * @throws IllegalArgumentException when they do not look like CLIP's
   */
  public static ClipTextConfig of(
      Map<String, HostTensor> tensors, int heads, Activation activation) {
    int depth = 0;
    while (depth < MAX_DEPTH && tensors.containsKey(ClipTextEncoder.perceptron(depth))) {
      depth++;
    }
    var config =
        new ClipTextConfig(
            TextEncoderConfig.side(tensors, ClipTextEncoder.TOKENS, 0),
            TextEncoderConfig.side(tensors, ClipTextEncoder.POSITIONS, 0),
            TextEncoderConfig.side(tensors, ClipTextEncoder.TOKENS, 1),
            depth,
            heads,
            TextEncoderConfig.side(tensors, ClipTextEncoder.perceptron(0), 0),
            activation);
    TextEncoderConfig.bounded(config);
    return config;
  }

  @Override
  public List<ParameterSpec> parameters() {
    return ClipTextEncoder.parameters(this);
  }

  @Override
  public Map<String, String> toProperties() {
    return ConfigProperties.of(FAMILY, this);
  }
}
