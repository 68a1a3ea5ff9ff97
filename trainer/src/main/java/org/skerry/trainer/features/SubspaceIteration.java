package org.skerry.trainer.features;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.SingularValueDecomposition;

/**
 * The first principal axes of a covariance too large to decompose whole: orthogonal iteration from
 * a fixed start, and Rayleigh and Ritz's projection at the end (Golub and Van Loan, section 8.2).
 */
final class SubspaceIteration {
  /** Smaller covariances are decomposed whole, which is exact and quick enough. */
  static final int MIN_FEATURES = 400;

  private static final int EXTRA = 16;
  private static final int ITERATIONS = 30;

  private SubspaceIteration() {}

  /** {@code count} axes of length one, those of the largest variance first. */
  static double[][] axes(double[][] covariance, int count) {
    int features = covariance.length;
    SplittableRandom random = new SplittableRandom(1);
    double[][] basis = new double[Math.min(features, count + EXTRA)][features];
    for (double[] axis : basis) {
      Arrays.setAll(axis, j -> random.nextGaussian());
    }
    orthonormalise(basis);
    for (int i = 0; i < ITERATIONS; i++) {
      basis = times(covariance, basis);
      orthonormalise(basis);
    }
    RealMatrix q = MatrixUtils.createRealMatrix(basis);
    RealMatrix small =
        q.multiply(MatrixUtils.createRealMatrix(times(covariance, basis)).transpose());
    RealMatrix rotation = new SingularValueDecomposition(small).getV();
    double[][] axes = rotation.transpose().multiply(q).getData();
    return Arrays.copyOf(axes, count);
  }

  private static double[][] times(double[][] covariance, double[][] basis) {
    return IntStream.range(0, basis.length)
        .parallel()
        .mapToObj(a ->
            IntStream.range(0, covariance.length)
                .mapToDouble(j -> dot(covariance[j], basis[a]))
                .toArray())
        .toArray(double[][]::new);
  }

  /** Gram and Schmidt's method, twice, which is enough. */
  private static void orthonormalise(double[][] basis) {
    for (int a = 0; a < basis.length; a++) {
      for (int pass = 0; pass < 2; pass++) {
        for (int b = 0; b < a; b++) {
          double along = dot(basis[a], basis[b]);
          for (int j = 0; j < basis[a].length; j++) {
            basis[a][j] -= along * basis[b][j];
          }
        }
      }
      double length = Math.sqrt(dot(basis[a], basis[a]));
      for (int j = 0; j < basis[a].length; j++) {
        basis[a][j] = length > 0 ? basis[a][j] / length : 0;
      }
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int j = 0; j < a.length; j++) {
      sum += a[j] * b[j];
    }
    return sum;
  }
}
