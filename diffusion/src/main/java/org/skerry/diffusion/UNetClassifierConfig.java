package org.skerry.diffusion;

import static org.skerry.diffusion.ConfigProperties.range;

import java.util.List;

/**
 * The U-Net's way down with a pooled linear head: a small router ({@link UNetClassifier}).
 *
 * @param classes partitions to tell apart
 * @see UNetConfig
 */
public record UNetClassifierConfig(
    int channels, int imageSize, int width, int levels, int embedding, int groups, int classes)
    implements NetworkConfig {
  public UNetClassifierConfig {
    UNetConfig.requireShape(channels, imageSize, width, levels, embedding, groups);
    range("classes", classes, 1, 65_536);
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
}
