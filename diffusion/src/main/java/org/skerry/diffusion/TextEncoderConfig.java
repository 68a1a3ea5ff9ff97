package org.skerry.diffusion;

import java.util.List;
import java.util.Map;
import org.skerry.diffusion.safetensors.HostTensor;

/** The shape of a {@link TextEncoder}: validated, comparable, and known without libtorch. */
public sealed interface TextEncoderConfig permits ClipTextConfig, T5Config {
  /** How many tokens there are to choose from. */
  int vocabulary();

  /** Width of what comes out for each token. */
  int width();

  /** The longest text in tokens, those that mark its ends counted. */
  int maxTokens();

  /** Every parameter, in the order in which they are loaded. */
  List<ParameterSpec> parameters();

  /** The family and every number of the configuration, as text, in the order of the record. */
  Map<String, String> toProperties();

  /** How many numbers the parameters hold. */
  default long parameterCount() {
    return parameters().stream().mapToLong(ParameterSpec::size).sum();
  }

  /**
   * The inverse of {@link #toProperties}.
   *
   * @throws IllegalArgumentException when a value is missing, unknown or out of range
   */
  static TextEncoderConfig fromProperties(Map<String, String> properties) {
    var reader = new ConfigProperties(properties);
    String family = reader.text("family");
    TextEncoderConfig config =
        switch (family) {
          case ClipTextConfig.FAMILY -> reader.read(ClipTextConfig.class);
          case T5Config.FAMILY -> reader.read(T5Config.class);
          default ->
              throw new IllegalArgumentException(
                  "text encoder '" + family + "' is not known to this version");
        };
    reader.requireNothingElse();
    return bounded(config);
  }

  /** Refuses what no machine of a volunteer could hold. */
  static TextEncoderConfig bounded(TextEncoderConfig config) {
    ConfigProperties.range(
        "parameters of the text encoder", config.parameterCount(), 1, NetworkConfig.MAX_PARAMETERS);
    return config;
  }

  /**
   * The length of a weight along an axis.
   *
   * @throws IllegalArgumentException when there is no such weight with two axes
   */
  static int side(Map<String, HostTensor> tensors, String name, int axis) {
    HostTensor tensor = tensors.get(name);
    if (tensor == null || tensor.shape().size() != 2) {
      throw new IllegalArgumentException(
          "no weights of a text encoder: "
              + name
              + (tensor == null ? " is missing" : " is " + tensor.shape()));
    }
    long side = tensor.shape().get(axis);
    ConfigProperties.range("size of " + name, side, 1, 1 << 20);
    return (int) side;
  }
}
