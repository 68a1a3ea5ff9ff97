package org.skerry.diffusion;

import java.util.List;
import java.util.Map;

/**
 * The shape of a network: validated, comparable, and known without libtorch, so that a node can
 * judge a task before it starts a worker.
 */
public sealed interface NetworkConfig
    permits UNetConfig, DitConfig, UNetClassifierConfig, DitClassifierConfig {
  /** More than any network that a volunteer's machine could hold. */
  long MAX_PARAMETERS = 8_000_000_000L;

  /** Channels of the images, or of their latents. */
  int channels();

  /** Height and width of the images, in pixels or latent cells. */
  int imageSize();

  /** How many class labels condition the network; 0 when it takes none. */
  int labels();

  /** The family and every number of the configuration, as text, in a fixed order. */
  Map<String, String> toProperties();

  /** Every parameter, in the order in which files and optimizers keep them. */
  List<ParameterSpec> parameters();

  /** How many numbers the parameters hold. */
  default long parameterCount() {
    return parameters().stream().mapToLong(ParameterSpec::size).sum();
  }

  /**
   * The inverse of {@link #toProperties}.
   *
   * @throws IllegalArgumentException when a value is missing, unknown or out of range
   */
  static NetworkConfig fromProperties(Map<String, String> properties) {
    var reader = new ConfigProperties(properties);
    NetworkConfig config =
        switch (reader.text("family")) {
          case UNetConfig.FAMILY -> UNetConfig.read(reader);
          case DitConfig.FAMILY -> DitConfig.read(reader);
          case UNetClassifierConfig.FAMILY -> UNetClassifierConfig.read(reader);
          case DitClassifierConfig.FAMILY -> DitClassifierConfig.read(reader);
          default ->
              throw new IllegalArgumentException(
                  "network family '" + reader.text("family") + "' is not known to this version");
        };
    reader.requireNothingElse();
    if (config.parameterCount() > MAX_PARAMETERS) {
      throw new IllegalArgumentException(
          "network would have "
              + config.parameterCount()
              + " parameters, more than "
              + MAX_PARAMETERS);
    }
    return config;
  }
}
