package org.skerry.trainer.clustering;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A mixture of Gaussians with full covariances, fitted by expectation maximisation from a given
 * partition, and its Bayesian information criterion
 *
 * <pre>BIC = -2 ln L + p ln n</pre>
 *
 * with {@code p} free parameters: the smaller, the better the mixture explains the points for its
 * size (Schwarz 1978; Fraley and Raftery 1998).
 */
final class GaussianMixture {
  private static final int MAX_ITERATIONS = 20;
  private static final double SETTLED = 1e-5;

  /** Smaller responsibilities are left out of the means and covariances. */
  private static final double NEGLIGIBLE = 1e-6;

  /** Added to every variance, as a share of the mean variance: a group may be flat. */
  private static final double RIDGE = 1e-3;

  private final float[][] points;
  private final int n;
  private final int features;
  private final int k;
  private final double ridge;
  private final double[][] responsibility;
  private final double[] weight;
  private final double[][] mean;
  private final double[][][] factor;
  private final double[] logNormaliser;

  private GaussianMixture(float[][] points, int[] assigned, int k) {
    this.points = points;
    this.k = k;
    n = points.length;
    features = points[0].length;
    ridge = RIDGE * meanVariance(points);
    responsibility = new double[k][n];
    for (int i = 0; i < n; i++) {
      responsibility[assigned[i]][i] = 1;
    }
    weight = new double[k];
    mean = new double[k][features];
    factor = new double[k][features][features];
    logNormaliser = new double[k];
  }

  /**
   * @param points {@code [n, features]}
   * @param assigned the group (0..k-1) of every point that the fit starts from
   */
  static double bic(float[][] points, int[] assigned, int k) {
    GaussianMixture mixture = new GaussianMixture(points, assigned, k);
    double likelihood = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < MAX_ITERATIONS; i++) {
      IntStream.range(0, k).parallel().forEach(mixture::maximise);
      double next = mixture.expect();
      boolean settled = next - likelihood < SETTLED * Math.abs(next);
      likelihood = next;
      if (settled) {
        break;
      }
    }
    int d = mixture.features;
    double parameters = k * (d + d * (d + 1) / 2.0) + k - 1;
    return -2 * likelihood + parameters * Math.log(mixture.n);
  }

  private void maximise(int c) {
    double total = Arrays.stream(responsibility[c]).sum();
    weight[c] = total / n;
    double[] sum = new double[features];
    for (int i = 0; i < n; i++) {
      double r = responsibility[c][i];
      for (int j = 0; r > NEGLIGIBLE && j < features; j++) {
        sum[j] += r * points[i][j];
      }
    }
    for (int j = 0; j < features; j++) {
      mean[c][j] = total > 0 ? sum[j] / total : 0;
    }
    double[][] covariance = new double[features][features];
    double[] centred = new double[features];
    for (int i = 0; i < n; i++) {
      double r = responsibility[c][i];
      if (r > NEGLIGIBLE) {
        for (int j = 0; j < features; j++) {
          centred[j] = points[i][j] - mean[c][j];
          for (int l = 0; l <= j; l++) {
            covariance[j][l] += r * centred[j] * centred[l];
          }
        }
      }
    }
    factorise(c, covariance, Math.max(total, 1e-9));
  }

  /** Cholesky's {@code L} of the covariance, and the logarithm of the density's factor. */
  private void factorise(int c, double[][] covariance, double total) {
    double[][] lower = factor[c];
    double logDeterminant = 0;
    for (int j = 0; j < features; j++) {
      for (int l = 0; l <= j; l++) {
        double value = covariance[j][l] / total + (j == l ? ridge : 0);
        for (int m = 0; m < l; m++) {
          value -= lower[j][m] * lower[l][m];
        }
        lower[j][l] = j == l ? Math.sqrt(Math.max(value, ridge * RIDGE)) : value / lower[l][l];
      }
      logDeterminant += 2 * Math.log(lower[j][j]);
    }
    logNormaliser[c] = -0.5 * (features * Math.log(2 * Math.PI) + logDeterminant);
  }

  /** Sets the responsibilities; returns the logarithm of the likelihood before that. */
  private double expect() {
    double[] likelihood = new double[n];
    IntStream.range(0, n)
        .parallel()
        .forEach(i -> {
          double[] density = new double[k];
          double largest = Double.NEGATIVE_INFINITY;
          for (int c = 0; c < k; c++) {
            density[c] = weight[c] > 0 ? logDensity(c, points[i]) : Double.NEGATIVE_INFINITY;
            largest = Math.max(largest, density[c]);
          }
          double sum = 0;
          for (int c = 0; c < k; c++) {
            density[c] = Math.exp(density[c] - largest);
            sum += density[c];
          }
          for (int c = 0; c < k; c++) {
            responsibility[c][i] = density[c] / sum;
          }
          likelihood[i] = largest + Math.log(sum);
        });
    return Arrays.stream(likelihood).sum();
  }

  private double logDensity(int c, float[] point) {
    double[] solved = new double[features];
    double square = 0;
    for (int j = 0; j < features; j++) {
      double value = point[j] - mean[c][j];
      for (int l = 0; l < j; l++) {
        value -= factor[c][j][l] * solved[l];
      }
      solved[j] = value / factor[c][j][j];
      square += solved[j] * solved[j];
    }
    return Math.log(weight[c]) + logNormaliser[c] - 0.5 * square;
  }

  private static double meanVariance(float[][] points) {
    double total = 0;
    for (int j = 0; j < points[0].length; j++) {
      double sum = 0;
      double squares = 0;
      for (float[] point : points) {
        sum += point[j];
        squares += (double) point[j] * point[j];
      }
      total += squares / points.length - (sum / points.length) * (sum / points.length);
    }
    return Math.max(total / points[0].length, 1e-12);
  }
}
