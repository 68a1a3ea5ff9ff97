package org.skerry.diffusion;

import static org.skerry.diffusion.ConfigProperties.divides;
import static org.skerry.diffusion.ConfigProperties.range;

import java.util.List;
import java.util.Map;

/**
 * A diffusion transformer with a class token whose last state gives the logits ({@link
 * DitClassifier}).
 *
 * @param classes partitions to tell apart
 * @see DitConfig
 */
public record DitClassifierConfig(
    int channels,
    int imageSize,
    int patch,
    int hidden,
    int depth,
    int heads,
    int mlpHidden,
    int classes)
    implements NetworkConfig {
  static final String FAMILY = "dit-classifier";

  public DitClassifierConfig {
    range("channels", channels, 1, 64);
    range("image size", imageSize, 1, 1024);
    range("patch", patch, 1, imageSize);
    range("hidden", hidden, 4, 16_384);
    range("depth", depth, 1, 256);
    range("heads", heads, 1, hidden);
    range("mlp hidden", mlpHidden, 1, 65_536);
    range("classes", classes, 1, 65_536);
    range("tokens", (long) (imageSize / patch) * (imageSize / patch), 1, 65_536);
    divides("patch", patch, "image size", imageSize);
    divides("4, for sines and cosines of two axes,", 4, "hidden", hidden);
    divides("heads", heads, "hidden", hidden);
  }

  @Override
  public int labels() {
    return 0;
  }

  @Override
  public List<ParameterSpec> parameters() {
    return DitClassifier.parameters(this);
  }

  @Override
  public Map<String, String> toProperties() {
    return ConfigProperties.of(
        "family", FAMILY,
        "channels", channels,
        "imageSize", imageSize,
        "patch", patch,
        "hidden", hidden,
        "depth", depth,
        "heads", heads,
        "mlpHidden", mlpHidden,
        "classes", classes);
  }

  static DitClassifierConfig read(ConfigProperties p) {
    return new DitClassifierConfig(
        p.integer("channels"),
        p.integer("imageSize"),
        p.integer("patch"),
        p.integer("hidden"),
        p.integer("depth"),
        p.integer("heads"),
        p.integer("mlpHidden"),
        p.integer("classes"));
  }
}
