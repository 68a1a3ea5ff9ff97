package org.skerry.trainer.clustering;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Spherical k-means: points and centroids have length one, a point belongs to the centroid of
 * largest dot product, a centroid is the normalised mean of its points (Dhillon and Modha 2001).
 * Seeded as k-means++ with {@code 1 - cos} as the squared distance (Arthur and Vassilvitskii 2007).
 * The same points and random numbers give the same centroids on any number of threads.
 */
final class SphericalKMeans {
  private static final int CHUNK = 4_096;

  private SphericalKMeans() {}

  /**
   * What a run ended with.
   *
   * @param similarity the sum of dot products between points and their centroids
   */
  @SuppressWarnings("ArrayRecordComponent") // numeric scratch, never shared
  record Fit(float[][] centroids, double similarity) {}

  /** {@code k} centroids of {@code points}; an emptied cluster takes the worst-served point. */
  static float[][] fit(float[][] points, int k, int iterations, SplittableRandom random) {
    return run(points, k, iterations, 1, random).centroids();
  }

  /**
   * @param trials points drawn for each centroid of the start, of which the best one is taken
   */
  static Fit run(float[][] points, int k, int iterations, int trials, SplittableRandom random) {
    float[][] centroids = seed(points, k, trials, random);
    CentroidTable.Nearest nearest = new CentroidTable(centroids).nearest(points);
    for (int i = 0; i < iterations; i++) {
      centroids = means(points, nearest, centroids);
      CentroidTable.Nearest next = new CentroidTable(centroids).nearest(points);
      boolean settled = Arrays.equals(next.centroid(), nearest.centroid());
      nearest = next;
      if (settled) {
        break;
      }
    }
    return new Fit(centroids, nearest.total());
  }

  /** The index of the nearest centroid of every point; ties go to the lower index. */
  static int[] nearest(float[][] points, float[][] centroids) {
    return new CentroidTable(centroids).nearest(points).centroid();
  }

  static double dot(float[] a, float[] b) {
    double even = 0;
    double odd = 0;
    int i = 0;
    for (; i + 2 <= a.length; i += 2) {
      even += (double) a[i] * b[i];
      odd += (double) a[i + 1] * b[i + 1];
    }
    return i < a.length ? even + odd + (double) a[i] * b[i] : even + odd;
  }

  static float[] normalized(double[] vector) {
    double square = 0;
    for (double value : vector) {
      square += value * value;
    }
    double scale = square == 0 ? 0 : 1 / Math.sqrt(square);
    float[] result = new float[vector.length];
    for (int i = 0; i < vector.length; i++) {
      result[i] = (float) (vector[i] * scale);
    }
    return result;
  }

  private static float[][] seed(float[][] points, int k, int trials, SplittableRandom random) {
    int n = points.length;
    float[][] columns = transposed(points);
    float[][] centroids = new float[k][];
    centroids[0] = points[random.nextInt(n)].clone();
    float[] distance = new float[n];
    Arrays.fill(distance, Float.POSITIVE_INFINITY);
    distance = capped(columns, centroids[0], distance);
    for (int c = 1; c < k; c++) {
      double total = sum(distance);
      double bestLeft = Double.POSITIVE_INFINITY;
      float[] best = distance;
      for (int t = 0; t < trials; t++) {
        int chosen = drawn(distance, random.nextDouble() * total);
        float[] next = capped(columns, points[chosen], distance);
        double left = trials == 1 ? 0 : sum(next);
        if (left < bestLeft) {
          bestLeft = left;
          best = next;
          centroids[c] = points[chosen].clone();
        }
      }
      distance = best;
    }
    return centroids;
  }

  private static int drawn(float[] distance, double target) {
    double left = target;
    for (int i = 0; i < distance.length; i++) {
      left -= distance[i];
      if (left < 0) {
        return i;
      }
    }
    return distance.length - 1;
  }

  /** {@code min(distance, max(0, 1 - cos))} to {@code centroid}, for all points. */
  private static float[] capped(float[][] columns, float[] centroid, float[] distance) {
    int n = distance.length;
    float[] next = new float[n];
    IntStream.range(0, (n + CHUNK - 1) / CHUNK)
        .parallel()
        .forEach(chunk -> {
          int from = chunk * CHUNK;
          int to = Math.min(n, from + CHUNK);
          for (int j = 0; j < columns.length; j++) {
            addScaled(columns[j], centroid[j], next, from, to);
          }
          for (int i = from; i < to; i++) {
            next[i] = Math.min(distance[i], Math.max(0, 1 - next[i]));
          }
        });
    return next;
  }

  private static void addScaled(float[] column, float scale, float[] sums, int from, int to) {
    for (int i = from; i < to; i++) {
      sums[i] += scale * column[i];
    }
  }

  private static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }

  private static float[][] transposed(float[][] points) {
    float[][] columns = new float[points[0].length][points.length];
    for (int i = 0; i < points.length; i++) {
      for (int j = 0; j < columns.length; j++) {
        columns[j][i] = points[i][j];
      }
    }
    return columns;
  }

  private static float[][] means(float[][] points, CentroidTable.Nearest nearest, float[][] old) {
    double[][] sums = new double[old.length][points[0].length];
    int[] counts = new int[old.length];
    for (int i = 0; i < points.length; i++) {
      int c = nearest.centroid()[i];
      counts[c]++;
      for (int j = 0; j < points[i].length; j++) {
        sums[c][j] += points[i][j];
      }
    }
    float[][] result = new float[old.length][];
    boolean[] taken = new boolean[points.length];
    for (int c = 0; c < old.length; c++) {
      result[c] =
          counts[c] > 0
              ? normalized(sums[c])
              : points[worstServed(nearest.similarity(), taken)].clone();
    }
    return result;
  }

  private static int worstServed(float[] similarity, boolean[] taken) {
    int worst = 0;
    float worstSimilarity = Float.POSITIVE_INFINITY;
    for (int i = 0; i < similarity.length; i++) {
      if (!taken[i] && similarity[i] < worstSimilarity) {
        worstSimilarity = similarity[i];
        worst = i;
      }
    }
    taken[worst] = true;
    return worst;
  }
}
