package org.skerry.node.task;

import java.io.IOException;
import java.nio.file.Path;
import org.skerry.diffusion.AutoencoderKlConfig;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;

/**
 * An autoencoder that makes latents of a task's images.
 *
 * @param weights safetensors of a diffusers AutoencoderKL
 */
public record Codec(Path weights, AutoencoderKlConfig config) {
  /** Groups of every normalisation, which no weight tells and every published codec has. */
  public static final int GROUPS = 32;

  /** Looks at a file; whether its weights are all there is seen when they are loaded. */
  public static Codec of(Path weights, double scale) throws NodeException {
    try {
      AutoencoderKlConfig config =
          AutoencoderKlConfig.of(Safetensors.map(weights).tensors(), GROUPS, scale);
      if (config.imageChannels() != 3) {
        throw new IllegalArgumentException(
            "it encodes " + config.imageChannels() + " channels, images have 3");
      }
      return new Codec(weights.toAbsolutePath(), config);
    } catch (IOException | IllegalArgumentException e) {
      throw new NodeException(
          Reason.DATA_INVALID,
          weights + " is no codec (" + e.getMessage() + ")",
          "name the safetensors file of a diffusers AutoencoderKL, such as Stable Diffusion's",
          e);
    }
  }

  /**
   * Side of the latents of pictures.
   *
   * @throws IllegalArgumentException when pictures of that side have none
   */
  public int latentSize(int pixels) {
    if (pixels % config.downsampling() != 0) {
      throw new IllegalArgumentException(
          "--size "
              + pixels
              + " is no multiple of the codec's "
              + config.downsampling()
              + " pixels a latent");
    }
    return pixels / config.downsampling();
  }
}
