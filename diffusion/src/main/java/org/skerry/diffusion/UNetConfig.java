package org.skerry.diffusion;

import static org.skerry.diffusion.ConfigProperties.divides;
import static org.skerry.diffusion.ConfigProperties.range;

import java.util.List;

/**
 * A convolutional U-Net with time-modulated residual blocks ({@link UNet}).
 *
 * @param channels of the images
 * @param imageSize height and width; halved {@code levels - 1} times
 * @param width channels at full resolution; doubled at every level
 * @param levels resolutions, 1 to 6
 * @param embedding width of the time embedding
 * @param groups of every group normalisation
 * @param labels class labels that condition the network, 0 for none
 */
public record UNetConfig(
    int channels, int imageSize, int width, int levels, int embedding, int groups, int labels)
    implements NetworkConfig {
  public UNetConfig {
    requireShape(channels, imageSize, width, levels, embedding, groups);
    range("labels", labels, 0, 1_000_000);
  }

  /** The network of the demo: 1.1 million parameters, width 32, three levels, no labels. */
  public static UNetConfig small(int channels, int imageSize) {
    return new UNetConfig(channels, imageSize, 32, 3, 128, 8, 0);
  }

  /** Checks what all networks with a U-Net's way down have in common. */
  static void requireShape(
      int channels, int imageSize, int width, int levels, int embedding, int groups) {
    range("channels", channels, 1, 64);
    range("image size", imageSize, 2, 1024);
    range("width", width, 1, 1024);
    range("levels", levels, 1, 6);
    range("embedding", embedding, 1, 4096);
    range("groups", groups, 1, width);
    divides("groups", groups, "width", width);
    divides("2^(levels - 1) =", 1 << (levels - 1), "image size", imageSize);
  }

  @Override
  public List<ParameterSpec> parameters() {
    return UNet.parameters(this);
  }
}
