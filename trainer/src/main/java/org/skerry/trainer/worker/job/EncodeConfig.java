package org.skerry.trainer.worker.job;

/**
 * Configuration of {@link EncodeJob}. Paths are absolute.
 *
 * @param weights safetensors of a diffusers AutoencoderKL
 * @param groups of its normalisations
 * @param scale factor from its latents to those that are written
 * @param images a tar of pictures
 * @param imageSize their side in pixels, a multiple of what the codec takes together
 * @param output the tar that their latents are written to, under the same names and in their order
 * @param threads of libtorch
 */
public record EncodeConfig(
    String weights,
    int groups,
    double scale,
    String images,
    int imageSize,
    String output,
    int threads) {
  public EncodeConfig {
    if (groups < 1 || imageSize < 1 || threads < 1) {
      throw new IllegalArgumentException("groups, image size and threads must be positive");
    }
  }
}
