package org.skerry.trainer.metrics;

import java.util.SplittableRandom;
import org.skerry.trainer.dataset.ImageSet;

/**
 * What a model knows that sees every pixel alone: the exact optimal velocity when {@code x0} is
 * normal with mean {@code m} and variance {@code s²} at each pixel and channel, independently. A
 * network that has learned anything about pictures beats it.
 *
 * <p>With {@code x_t = (1-t) x0 + t ε}: {@code E[ε - x0 | x_t] = (t - (1-t) s²) / ((1-t)² s² + t²)
 * · (x_t - (1-t) m) - m}.
 */
public final class GaussianDenoiser {
  private final int size;
  private final double[] mean;
  private final double[] variance;

  private GaussianDenoiser(int size, double[] mean, double[] variance) {
    this.size = size;
    this.mean = mean;
    this.variance = variance;
  }

  /** Fits mean and variance of every value on {@code images}, at least two. */
  public static GaussianDenoiser fit(ImageSet images) {
    if (images.count() < 2) {
      throw new IllegalArgumentException("a Gaussian of " + images.count() + " images");
    }
    int values = images.valuesPerImage();
    double[] mean = new double[values];
    double[] variance = new double[values];
    float[] image = new float[values];
    for (int i = 0; i < images.count(); i++) {
      images.copyTo(i, image, 0);
      double n = i + 1.0;
      for (int j = 0; j < values; j++) {
        // Welford's update: exact for constant pixels, which white backgrounds are full of.
        double before = image[j] - mean[j];
        mean[j] += before / n;
        variance[j] += before * (image[j] - mean[j]);
      }
    }
    for (int j = 0; j < values; j++) {
      variance[j] /= images.count() - 1;
    }
    return new GaussianDenoiser(images.size(), mean, variance);
  }

  /** Side of the images it was fitted on, in pixels. */
  public int size() {
    return size;
  }

  /**
   * The mean over images and values of {@code (v(x_t, t) - (ε - x0))²}.
   *
   * @param x0 images in [-1, 1], {@code [n, 3, size, size]}
   * @param eps noise of the same shape
   * @param t times in (0, 1], {@code [n]}
   */
  public double loss(float[] x0, float[] eps, float[] t) {
    int values = mean.length;
    if (x0.length != t.length * values || eps.length != x0.length) {
      throw new IllegalArgumentException(
          x0.length + " values, " + eps.length + " noise, " + t.length + " times of " + values);
    }
    double sum = 0;
    for (int i = 0; i < t.length; i++) {
      double time = t[i];
      double keep = 1 - time;
      for (int j = 0; j < values; j++) {
        int at = i * values + j;
        double xt = keep * x0[at] + time * eps[at];
        double spread = keep * keep * variance[j] + time * time;
        double gain = spread == 0 ? 0 : (time - keep * variance[j]) / spread;
        double velocity = gain * (xt - keep * mean[j]) - mean[j];
        double error = velocity - (eps[at] - x0[at]);
        sum += error * error;
      }
    }
    return sum / x0.length;
  }

  /** Draws {@code count} images from the Gaussian, clamped to [-1, 1]. */
  public ImageSet sample(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int values = mean.length;
    float[] result = new float[count * values];
    for (int i = 0; i < result.length; i++) {
      int j = i % values;
      result[i] = (float) (mean[j] + Math.sqrt(variance[j]) * random.nextGaussian());
    }
    return ImageSet.fromFloats(size, result);
  }
}
