package org.skerry.trainer.features;

import java.util.stream.IntStream;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;

/**
 * Principal component analysis: {@code project(x) = (x - mean) · V}, with {@code V} the
 * eigenvectors of the covariance with the largest eigenvalues. Signs are fixed (the entry of
 * largest magnitude is positive), so that the same data give the same projection.
 */
public final class PrincipalComponents {
  private final double[] mean;
  private final double[][] components;

  private PrincipalComponents(double[] mean, double[][] components) {
    this.mean = mean;
    this.components = components;
  }

  /**
   * @param rows {@code [n, features]}, n ≥ 2
   * @param count components wanted; fewer are kept when there are fewer features or rows
   */
  public static PrincipalComponents fit(float[][] rows, int count) {
    if (rows.length < 2) {
      throw new IllegalArgumentException("principal components of " + rows.length + " rows");
    }
    Moments moments = Moments.of(rows);
    int kept = Math.min(count, Math.min(moments.mean().length, rows.length - 1));
    double[][] components = new double[kept][];
    if (moments.mean().length > SubspaceIteration.MIN_FEATURES) {
      components = SubspaceIteration.axes(moments.covariance(), kept);
      for (int i = 0; i < kept; i++) {
        components[i] = withFixedSign(components[i]);
      }
      return new PrincipalComponents(moments.mean(), components);
    }
    RealMatrix vectors = moments.principal().getV();
    for (int i = 0; i < kept; i++) {
      components[i] = withFixedSign(vectors.getColumn(i));
    }
    return new PrincipalComponents(moments.mean(), components);
  }

  /** Number of components. */
  public int count() {
    return components.length;
  }

  /** Projects rows, {@code [n, features]} to {@code [n, count]}. */
  public float[][] project(float[][] rows) {
    return IntStream.range(0, rows.length)
        .parallel()
        .mapToObj(i -> project(rows[i]))
        .toArray(float[][]::new);
  }

  private float[] project(float[] row) {
    float[] result = new float[components.length];
    for (int c = 0; c < result.length; c++) {
      double sum = 0;
      for (int j = 0; j < row.length; j++) {
        sum += (row[j] - mean[j]) * components[c][j];
      }
      result[c] = (float) sum;
    }
    return result;
  }

  private static double[] withFixedSign(double[] vector) {
    int largest = 0;
    for (int i = 1; i < vector.length; i++) {
      if (Math.abs(vector[i]) > Math.abs(vector[largest])) {
        largest = i;
      }
    }
    return vector[largest] >= 0
        ? vector
        : MatrixUtils.createRealVector(vector).mapMultiply(-1).toArray();
  }
}
