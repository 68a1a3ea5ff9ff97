package org.skerry.diffusion;

import static org.skerry.diffusion.ConfigProperties.range;

import java.util.List;
import java.util.Map;
import org.skerry.diffusion.safetensors.HostTensor;

/**
 * The shape of a {@link T5Encoder}.
 *
 * @param vocabulary how many tokens there are to choose from
 * @param width of the tokens
 * @param depth blocks
 * @param heads of the attention
 * @param headWidth of each head's queries, keys and values
 * @param inner width inside each block's perceptron
 * @param buckets of distances between tokens, an even number, half of them for each direction
 * @param maxDistance from which on all distances share a bucket
 * @param activation of the perceptron
 */
public record T5Config(
    int vocabulary,
    int width,
    int depth,
    int heads,
    int headWidth,
    int inner,
    int buckets,
    int maxDistance,
    Activation activation)
    implements TextEncoderConfig {
  /** The name of the family in {@link #toProperties}. */
  public static final String FAMILY = "t5";

  private static final int MAX_DEPTH = 256;
  private static final int MAX_TOKENS = 512;

  /** What stands between the perceptron's layers. */
  public enum Activation {
    /** Of the first T5. */
    RELU,
    /** {@code gelu(a) · b} with tanh GELU, of T5 v1.1 (Shazeer, arXiv 2002.05202). */
    GATED_GELU
  }

  public T5Config {
    range("vocabulary", vocabulary, 1, 1 << 20);
    range("text width", width, 1, 16_384);
    range("text depth", depth, 1, MAX_DEPTH);
    range("text heads", heads, 1, 1024);
    range("width of a text head", headWidth, 1, 4096);
    range("text inner width", inner, 1, 1 << 17);
    range("distance buckets", buckets, 4, 4096);
    range("largest distance", maxDistance, buckets / 4 + 1L, 1 << 20);
    if (buckets % 4 != 0) {
      throw new IllegalArgumentException("distance buckets " + buckets + " is no multiple of 4");
    }
  }

  /** The encoder of T5 v1.1 XXL, which large models of pictures read prompts with. */
  public static T5Config xxl() {
    return new T5Config(32_128, 4096, 24, 64, 64, 10_240, 32, 128, Activation.GATED_GELU);
  }

  /**
   * The configuration whose weights {@code tensors} look like; reading them strictly then says
   * whether they are.
   *
   * @param maxDistance which no shape tells
   * @throws IllegalArgumentException when they do not look like a T5 encoder's
   */
  public static T5Config of(Map<String, HostTensor> tensors, int maxDistance) {
    int depth = 0;
    while (depth < MAX_DEPTH && tensors.containsKey(T5Encoder.output(depth))) {
      depth++;
    }
    String table = tensors.containsKey(T5Encoder.TOKENS) ? T5Encoder.TOKENS : T5Encoder.TIED_TOKENS;
    int heads = TextEncoderConfig.side(tensors, T5Encoder.DISTANCES, 1);
    int all = TextEncoderConfig.side(tensors, T5Encoder.QUERIES, 0);
    ConfigProperties.divides("text heads", heads, "width of the queries", all);
    var config =
        new T5Config(
            TextEncoderConfig.side(tensors, table, 0),
            TextEncoderConfig.side(tensors, table, 1),
            depth,
            heads,
            all / heads,
            TextEncoderConfig.side(tensors, T5Encoder.output(0), 1),
            TextEncoderConfig.side(tensors, T5Encoder.DISTANCES, 0),
            maxDistance,
            tensors.containsKey(T5Encoder.GATE) ? Activation.GATED_GELU : Activation.RELU);
    TextEncoderConfig.bounded(config);
    return config;
  }

  /** Positions are relative, so that this is a bound and no length of a table. */
  @Override
  public int maxTokens() {
    return MAX_TOKENS;
  }

  @Override
  public List<ParameterSpec> parameters() {
    return T5Encoder.parameters(this);
  }

  @Override
  public Map<String, String> toProperties() {
    return ConfigProperties.of(FAMILY, this);
  }
}
