package org.skerry.trainer.clustering;

import java.util.stream.IntStream;

/** Symmetric dissimilarities between all pairs of {@code n} points, in memory. */
public final class Dissimilarities {
  /** More points would take over a gibibyte; sample them, as {@link FasterClara} does. */
  public static final int MAX_POINTS = 16_384;

  private final float[][] rows;

  private Dissimilarities(float[][] rows) {
    this.rows = rows;
  }

  /**
   * @param lower the values below the diagonal, row by row: {@code n (n - 1) / 2}
   */
  public static Dissimilarities ofLowerTriangle(int n, float... lower) {
    requireSize(n);
    if (lower.length != n * (n - 1) / 2) {
      throw new IllegalArgumentException(lower.length + " values are no triangle of " + n);
    }
    float[][] rows = new float[n][n];
    int at = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        if (!(lower[at] >= 0 && lower[at] < Float.POSITIVE_INFINITY)) {
          throw new IllegalArgumentException("dissimilarity " + lower[at] + " of " + i + ", " + j);
        }
        rows[i][j] = rows[j][i] = lower[at++];
      }
    }
    return new Dissimilarities(rows);
  }

  /** Euclidean distances between vectors, {@code [n, features]}. */
  public static Dissimilarities euclidean(float[][] vectors) {
    int n = vectors.length;
    requireSize(n);
    float[][] rows = new float[n][n];
    IntStream.range(0, n)
        .parallel()
        .forEach(i -> {
          for (int j = 0; j < i; j++) {
            rows[i][j] = (float) Math.sqrt(squaredDistance(vectors[i], vectors[j]));
          }
        });
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        rows[j][i] = rows[i][j];
      }
    }
    return new Dissimilarities(rows);
  }

  static double squaredDistance(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      double difference = (double) a[i] - b[i];
      sum += difference * difference;
    }
    return sum;
  }

  /** Number of points. */
  public int size() {
    return rows.length;
  }

  public float between(int a, int b) {
    return rows[a][b];
  }

  /** From {@code point} to every point. Not a copy: only read. */
  float[] row(int point) {
    return rows[point];
  }

  private static void requireSize(int n) {
    if (n < 1 || n > MAX_POINTS) {
      throw new IllegalArgumentException(n + " points are not in 1.." + MAX_POINTS);
    }
  }
}
