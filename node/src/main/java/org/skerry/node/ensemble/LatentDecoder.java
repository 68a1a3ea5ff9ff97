package org.skerry.node.ensemble;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import org.skerry.diffusion.AutoencoderKl;
import org.skerry.diffusion.AutoencoderKlConfig;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.diffusion.torch.Torch;
import org.skerry.node.task.Codec;
import org.skerry.router.Images;

/** Makes pictures of the latents that an ensemble's experts make. One thread at a time. */
final class LatentDecoder {
  /** Pixels that are decoded together: a decoder's inside is wide. */
  private static final int PIXELS_AT_ONCE = 1 << 17;

  private final AutoencoderKl codec;
  private final Parameters parameters;

  private LatentDecoder(AutoencoderKl codec, Parameters parameters) {
    this.codec = codec;
    this.parameters = parameters;
  }

  /**
   * Loads the codec of {@code pulled} into {@code manager}.
   *
   * @throws IOException when its weights are no codec of the task's shape
   */
  static LatentDecoder open(
      PulledEnsemble pulled, PulledEnsemble.Codec named, Path weights, NDManager manager)
      throws IOException {
    AutoencoderKlConfig config;
    try {
      config =
          AutoencoderKlConfig.of(Safetensors.map(weights).tensors(), Codec.GROUPS, named.scale());
    } catch (IllegalArgumentException e) {
      throw new IOException("codec " + weights + ": " + e.getMessage(), e);
    }
    if (config.downsampling() != named.downsampling()
        || config.latentChannels() != pulled.channels()
        || config.imageChannels() != 3) {
      throw new IOException(
          "codec %s makes %d channels of %d with %d pixels a latent, the task says 3 of %d with %d"
              .formatted(
                  weights,
                  config.imageChannels(),
                  config.latentChannels(),
                  config.downsampling(),
                  pulled.channels(),
                  named.downsampling()));
    }
    AutoencoderKl codec = new AutoencoderKl(config);
    return new LatentDecoder(codec, Parameters.mapSafetensors(codec, manager, weights));
  }

  /** The pictures, not clamped. */
  Images decode(Images latents) {
    int side = latents.size() * codec.config().downsampling();
    int each = 3 * side * side;
    float[] out = new float[Math.multiplyExact(latents.count(), each)];
    int batch = Math.clamp(PIXELS_AT_ONCE / (side * side), 1, 64);
    for (int from = 0; from < latents.count(); from += batch) {
      Images group = latents.slice(from, Math.min(batch, latents.count() - from));
      float[] pictures = Torch.withoutGradients(() -> decodeGroup(group));
      System.arraycopy(pictures, 0, out, from * each, pictures.length);
    }
    return new Images(latents.count(), 3, side, out);
  }

  private float[] decodeGroup(Images group) {
    try (NDManager scratch = parameters.manager().newSubManager()) {
      Shape shape = new Shape(group.count(), group.channels(), group.size(), group.size());
      NDArray latents = scratch.create(group.data(), shape);
      return codec.pictures(parameters, latents).toFloatArray();
    }
  }
}
