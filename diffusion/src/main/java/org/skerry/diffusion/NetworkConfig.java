package org.skerry.diffusion;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The shape of a network: validated, comparable, and known without libtorch, so that a node can
 * judge a task before it starts a worker.
 */
public sealed interface NetworkConfig
    permits UNetConfig,
        DitConfig,
        UNetClassifierConfig,
        DitClassifierConfig,
        ParisExpertConfig,
        ParisRouterConfig {
  /** More than any network that a volunteer's machine could hold. */
  long MAX_PARAMETERS = 8_000_000_000L;

  /** Channels of the images, or of their latents. */
  int channels();

  /** Height and width of the images, in pixels or latent cells. */
  int imageSize();

  /** How many class labels condition the network; 0 when it takes none. */
  int labels();

  /**
   * The label that stands for "no label": what a dropped label becomes in training, and the
   * unconditional half of guidance sees.
   */
  default int nullLabel() {
    return labels();
  }

  /**
   * Width of the tokens of the texts that the network looks at; 0 when it reads none. One that
   * reads is nothing without a text, which may be the empty one.
   */
  default int textWidth() {
    return 0;
  }

  /** The family and every number of the configuration, as text, in the order of the record. */
  default Map<String, String> toProperties() {
    return ConfigProperties.of(Family.of(this).name, this);
  }

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
    NetworkConfig config = reader.read(Family.named(reader.text("family")).type);
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

  /** The configurations by the name that files and pipes know them by. */
  enum Family {
    UNET("unet", UNetConfig.class),
    DIT("dit", DitConfig.class),
    UNET_CLASSIFIER("unet-classifier", UNetClassifierConfig.class),
    DIT_CLASSIFIER("dit-classifier", DitClassifierConfig.class),
    PARIS_EXPERT("paris-expert", ParisExpertConfig.class),
    PARIS_ROUTER("paris-router", ParisRouterConfig.class);

    private final String name;
    private final Class<? extends NetworkConfig> type;

    Family(String name, Class<? extends NetworkConfig> type) {
      this.name = name;
      this.type = type;
    }

    private static Family of(NetworkConfig config) {
      return find(family -> family.type == config.getClass()).orElseThrow();
    }

    private static Family named(String name) {
      return find(family -> family.name.equals(name))
          .orElseThrow(() ->
              new IllegalArgumentException(
                  "network family '" + name + "' is not known to this version"));
    }

    private static Optional<Family> find(Predicate<Family> wanted) {
      return Arrays.stream(values()).filter(wanted).findFirst();
    }
  }
}
