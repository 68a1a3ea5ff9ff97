package org.skerry.diffusion;

import static org.skerry.diffusion.ConfigProperties.divides;
import static org.skerry.diffusion.ConfigProperties.range;

import java.util.List;
import java.util.Map;

/**
 * The U-Net's way down with a pooled linear head: a small router ({@link UNetClassifier}).
 *
 * @param classes partitions to tell apart
 * @see UNetConfig
 */
public record UNetClassifierConfig(
    int channels, int imageSize, int width, int levels, int embedding, int groups, int classes)
    implements NetworkConfig {
  static final String FAMILY = "unet-classifier";

  public UNetClassifierConfig {
    range("channels", channels, 1, 64);
    range("image size", imageSize, 2, 1024);
    range("width", width, 1, 1024);
    range("levels", levels, 1, 6);
    range("embedding", embedding, 1, 4096);
    range("groups", groups, 1, width);
    range("classes", classes, 1, 65_536);
    divides("groups", groups, "width", width);
    divides("2^(levels - 1) =", 1 << (levels - 1), "image size", imageSize);
  }

  /** The router of the demo: 0.3 million parameters, width 24, three levels. */
  public static UNetClassifierConfig small(int channels, int imageSize, int classes) {
    return new UNetClassifierConfig(channels, imageSize, 24, 3, 96, 8, classes);
  }

  @Override
  public int labels() {
    return 0;
  }

  @Override
  public List<ParameterSpec> parameters() {
    return UNetClassifier.parameters(this);
  }

  @Override
  public Map<String, String> toProperties() {
    return ConfigProperties.of(
        "family", FAMILY,
        "channels", channels,
        "imageSize", imageSize,
        "width", width,
        "levels", levels,
        "embedding", embedding,
        "groups", groups,
        "classes", classes);
  }

  static UNetClassifierConfig read(ConfigProperties p) {
    return new UNetClassifierConfig(
        p.integer("channels"),
        p.integer("imageSize"),
        p.integer("width"),
        p.integer("levels"),
        p.integer("embedding"),
        p.integer("groups"),
        p.integer("classes"));
  }
}
