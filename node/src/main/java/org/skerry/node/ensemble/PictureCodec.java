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

/** Between pictures and the latents that an ensemble's experts know. One thread at a time. */
final class PictureCodec {
  /** Pixels that are worked on together: a codec's inside is wide. */
  private static final int PIXELS_AT_ONCE = 1 << 17;

  private final AutoencoderKl codec;
  private final Parameters parameters;

  private PictureCodec(AutoencoderKl codec, Parameters parameters) {
    this.codec = codec;
    this.parameters = parameters;
  }

  /**
   * Loads the codec of {@code pulled} into {@code manager}.
   *
   * @throws IOException when its weights are no codec of the task's shape
   */
  static PictureCodec open(
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
    return new PictureCodec(codec, Parameters.mapSafetensors(codec, manager, weights));
  }

  /** Pixels on a side of the pictures of {@code latents} on a side. */
  int pictureSize(int latents) {
    return latents * codec.config().downsampling();
  }

  /** The pictures, not clamped. */
  Images decode(Images latents) {
    return inGroups(latents, 3, pictureSize(latents.size()), codec::pictures);
  }

  /** The means of the latents, as experts were trained on. */
  Images encode(Images pictures) {
    int side = pictures.size() / codec.config().downsampling();
    return inGroups(pictures, codec.config().latentChannels(), side, codec::latents);
  }

  /** One of the two ways. */
  @FunctionalInterface
  private interface Way {
    NDArray go(Parameters parameters, NDArray batch);
  }

  private Images inGroups(Images from, int channels, int side, Way way) {
    int each = channels * side * side;
    float[] out = new float[Math.multiplyExact(from.count(), each)];
    int pixels = Math.max(from.size(), side);
    int batch = Math.clamp(PIXELS_AT_ONCE / (pixels * pixels), 1, 64);
    for (int at = 0; at < from.count(); at += batch) {
      Images group = from.slice(at, Math.min(batch, from.count() - at));
      float[] made = Torch.withoutGradients(() -> group(group, way));
      System.arraycopy(made, 0, out, at * each, made.length);
    }
    return new Images(from.count(), channels, side, out);
  }

  private float[] group(Images group, Way way) {
    try (NDManager scratch = parameters.manager().newSubManager()) {
      Shape shape = new Shape(group.count(), group.channels(), group.size(), group.size());
      NDArray batch = scratch.create(group.data(), shape);
      return way.go(parameters, batch).toFloatArray();
    }
  }
}
