package org.skerry.trainer.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.features.Moments;

class MetricsTest {
  @Test
  void frechetDistanceOfDiagonalNormalsMatchesTheFormula() {
    Moments a = new Moments(new double[] {0, 1}, new double[][] {{4, 0}, {0, 9}});
    Moments b = new Moments(new double[] {3, 1}, new double[][] {{1, 0}, {0, 16}});
    // 3² + (2-1)² + (3-4)²
    assertThat(FrechetDistance.between(a, b)).isCloseTo(11, within(1e-9));
  }

  @Test
  void frechetDistanceOfCorrelatedNormalsMatchesScipy() {
    // scipy.linalg.sqrtm([[2,1],[1,3]] @ [[1,-0.5],[-0.5,2]]): the trace is sqrt(tr + 2 sqrt(det)).
    Moments a = new Moments(new double[2], new double[][] {{2, 1}, {1, 3}});
    Moments b = new Moments(new double[2], new double[][] {{1, -0.5}, {-0.5, 2}});
    double trace = 2 - 0.5 - 0.5 + 6;
    double determinant = 5 * 1.75;
    double expected = 5 + 3 - 2 * Math.sqrt(trace + 2 * Math.sqrt(determinant));
    assertThat(FrechetDistance.between(a, b)).isCloseTo(expected, within(1e-9));
  }

  @Test
  void frechetDistancePrefersRealPicturesToPixelNoise() {
    ImageSet training = BuiltInPictures.generate(400, 16, 1);
    ImageSet held = BuiltInPictures.generate(200, 16, 2);
    FrechetDistance distance = FrechetDistance.fit(training);
    double real = distance.between(training, held);
    double noise = distance.between(GaussianDenoiser.fit(training).sample(200, 3), held);
    assertThat(distance.between(held, held)).isCloseTo(0, within(1e-6));
    assertThat(real).isLessThan(noise * 0.1);
  }

  @Test
  void gaussianDenoiserReachesTheLossThatItsFormulaPromises() {
    // One pixel value drawn from N(0.1, 0.3²) everywhere: the optimal loss at time t is
    // var(ε - x0) - cov² / var = s² t⁰ ... = s² / ((1-t)² s² + t²).
    SplittableRandom random = new SplittableRandom(7);
    float[] values = new float[400 * 3 * 8 * 8];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.1 + 0.3 * random.nextGaussian());
    }
    ImageSet images = ImageSet.fromFloats(8, values);
    float[] x0 = images.toFloats();
    float[] eps = new float[x0.length];
    for (int i = 0; i < eps.length; i++) {
      eps[i] = (float) random.nextGaussian();
    }
    float[] t = new float[images.count()];
    java.util.Arrays.fill(t, 0.4f);
    double s2 = 0.09;
    double expected = s2 / (0.36 * s2 + 0.16);
    assertThat(GaussianDenoiser.fit(images).loss(x0, eps, t)).isCloseTo(expected, within(0.02));
  }

  @Test
  void gaussianDenoiserIsExactWherePixelsAreConstant() {
    float[] white = new float[4 * 3 * 2 * 2];
    java.util.Arrays.fill(white, 1f);
    ImageSet images = ImageSet.fromFloats(2, white);
    float[] eps = new float[white.length];
    java.util.Arrays.fill(eps, 0.7f);
    assertThat(GaussianDenoiser.fit(images).loss(white, eps, new float[] {.1f, .5f, .9f, 1f}))
        .isCloseTo(0, within(1e-10));
  }
}
