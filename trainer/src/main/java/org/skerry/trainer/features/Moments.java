package org.skerry.trainer.features;

import java.util.stream.IntStream;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.SingularValueDecomposition;

/**
 * Mean and covariance (divided by n - 1) of rows.
 *
 * @param mean {@code [features]}
 * @param covariance {@code [features, features]}
 */
@SuppressWarnings("ArrayRecordComponent") // numeric scratch, never shared
public record Moments(double[] mean, double[][] covariance) {
  /**
   * @param rows {@code [n, features]}, n ≥ 2
   */
  public static Moments of(float[][] rows) {
    if (rows.length < 2) {
      throw new IllegalArgumentException("covariance of " + rows.length + " rows");
    }
    int features = rows[0].length;
    double[] mean = new double[features];
    for (float[] row : rows) {
      for (int j = 0; j < features; j++) {
        mean[j] += row[j] / rows.length;
      }
    }
    double[][] covariance = new double[features][features];
    // Every thread owns one row of the result, so that the sums do not depend on the schedule.
    IntStream.range(0, features)
        .parallel()
        .forEach(a -> {
          double[] out = covariance[a];
          for (float[] row : rows) {
            double centred = (row[a] - mean[a]) / (rows.length - 1);
            for (int b = 0; b <= a; b++) {
              out[b] += centred * (row[b] - mean[b]);
            }
          }
        });
    for (int a = 0; a < features; a++) {
      for (int b = a + 1; b < features; b++) {
        covariance[a][b] = covariance[b][a];
      }
    }
    return new Moments(mean, covariance);
  }

  /**
   * The covariance's principal axes, those of the largest variance first. By singular values, which
   * are its eigenvalues: the symmetric QL iteration gives up on covariances of fewer rows than
   * features.
   */
  SingularValueDecomposition principal() {
    return new SingularValueDecomposition(covarianceMatrix());
  }

  /** The covariance as a matrix. */
  public RealMatrix covarianceMatrix() {
    return MatrixUtils.createRealMatrix(covariance);
  }
}
