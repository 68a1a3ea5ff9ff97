package org.skerry.diffusion;

import static org.skerry.diffusion.ConfigProperties.range;

import java.util.List;
import java.util.Map;
import org.skerry.diffusion.safetensors.HostTensor;

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

  /**
   * The configuration whose weights {@code tensors} look like; reading them strictly then says
   * whether they are.
   *
   * @param heads which no shape tells
   * @throws IllegalArgumentException when they do not look like a router's
   */
  public static ParisRouterConfig of(Map<String, HostTensor> tensors, int heads) {
    ParisShape shape = ParisShape.of(tensors);
    return new ParisRouterConfig(
        shape.channels(),
        shape.imageSize(),
        shape.patch(),
        shape.hidden(),
        shape.depth(),
        heads,
        shape.mlpHidden(),
        ParisShape.side(tensors, "head.4.weight", 2, 0));
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
