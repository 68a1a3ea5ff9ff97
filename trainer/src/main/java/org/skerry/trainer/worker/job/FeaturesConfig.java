package org.skerry.trainer.worker.job;

/**
 * Configuration of {@link FeaturesJob}. Paths are absolute.
 *
 * @param weights safetensors of a DINOv2 model
 * @param images a tar of pictures
 * @param imageSize their side in pixels
 * @param output the safetensors file that the features are written to
 * @param threads of libtorch
 */
public record FeaturesConfig(
    String weights, String images, int imageSize, String output, int threads) {
  public FeaturesConfig {
    if (imageSize < 1 || threads < 1) {
      throw new IllegalArgumentException("image size and threads must be positive");
    }
  }
}
