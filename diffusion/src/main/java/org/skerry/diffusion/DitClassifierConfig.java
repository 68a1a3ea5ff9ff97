package org.skerry.diffusion;

import static org.skerry.diffusion.ConfigProperties.range;

import java.util.List;

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
  public DitClassifierConfig {
    DitConfig.requireShape(channels, imageSize, patch, hidden, depth, heads, mlpHidden);
    range("classes", classes, 1, 65_536);
  }

  @Override
  public int labels() {
    return 0;
  }

  @Override
  public List<ParameterSpec> parameters() {
    return DitClassifier.parameters(this);
  }
}
