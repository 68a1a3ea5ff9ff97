package org.skerry.diffusion;

import static org.skerry.diffusion.ConfigProperties.range;

import java.util.List;

/**
 * The shape of a {@link ParisRouter}.
 *
 * @param classes experts to tell apart
 * @see ParisExpertConfig
 */
public record ParisRouterConfig(
    int channels,
    int imageSize,
    int patch,
    int hidden,
    int depth,
    int heads,
    int mlpHidden,
    int classes)
    implements NetworkConfig {
  public ParisRouterConfig {
    DitConfig.requireShape(channels, imageSize, patch, hidden, depth, heads, mlpHidden);
    range("classes", classes, 1, 65_536);
  }

  /** The published router: DiT-B/2 on latents of 32, over eight experts. */
  public static ParisRouterConfig published() {
    return new ParisRouterConfig(4, 32, 2, 768, 12, 12, 3072, 8);
  }

  @Override
  public int labels() {
    return 0;
  }

  @Override
  public List<ParameterSpec> parameters() {
    return ParisRouter.parameters(this);
  }
}
