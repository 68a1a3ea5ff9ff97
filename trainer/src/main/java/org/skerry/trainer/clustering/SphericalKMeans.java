package org.skerry.trainer.clustering;

import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Spherical k-means: points and centroids have length one, a point belongs to the centroid of
 * largest dot product, a centroid is the normalised mean of its points (Dhillon and Modha 2001).
 * Seeded as k-means++ with {@code 1 - cos} as the squared distance (Arthur and Vassilvitskii 2007).
 */
final class SphericalKMeans {
  private SphericalKMeans() {}

  /** {@code k} centroids of {@code points}; an emptied cluster takes the worst-served point. */
  static float[][] fit(float[][] points, int k, int iterations, SplittableRandom random) {
    float[][] centroids = seed(points, k, random);
    int[] assigned = new int[0];
    for (int i = 0; i < iterations; i++) {
      int[] next = nearest(points, centroids);
      if (java.util.Arrays.equals(next, assigned)) {
        break;
      }
      assigned = next;
      centroids = means(points, assigned, centroids);
    }
    return centroids;
  }

  /** The index of the nearest centroid of every point; ties go to the lower index. */
  static int[] nearest(float[][] points, float[][] centroids) {
    return IntStream.range(0, points.length)
        .parallel()
        .map(i -> nearest(points[i], centroids))
        .toArray();
  }

  private static int nearest(float[] point, float[][] centroids) {
    int best = 0;
    double bestDot = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < centroids.length; c++) {
      double dot = dot(point, centroids[c]);
      if (dot > bestDot) {
        bestDot = dot;
        best = c;
      }
    }
    return best;
  }

  static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
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

  private static float[][] seed(float[][] points, int k, SplittableRandom random) {
    float[][] centroids = new float[k][];
    centroids[0] = points[random.nextInt(points.length)].clone();
    double[] distance = new double[points.length];
    java.util.Arrays.fill(distance, Double.MAX_VALUE);
    for (int c = 1; c < k; c++) {
      double total = 0;
      for (int i = 0; i < points.length; i++) {
        distance[i] = Math.min(distance[i], Math.max(0, 1 - dot(points[i], centroids[c - 1])));
        total += distance[i];
      }
      double target = random.nextDouble() * total;
      int chosen = points.length - 1;
      for (int i = 0; i < points.length; i++) {
        target -= distance[i];
        if (target < 0) {
          chosen = i;
          break;
        }
      }
      centroids[c] = points[chosen].clone();
    }
    return centroids;
  }

  private static float[][] means(float[][] points, int[] assigned, float[][] old) {
    double[][] sums = new double[old.length][points[0].length];
    int[] counts = new int[old.length];
    for (int i = 0; i < points.length; i++) {
      counts[assigned[i]]++;
      for (int j = 0; j < points[i].length; j++) {
        sums[assigned[i]][j] += points[i][j];
      }
    }
    float[][] result = new float[old.length][];
    boolean[] taken = new boolean[points.length];
    for (int c = 0; c < old.length; c++) {
      result[c] =
          counts[c] > 0 ? normalized(sums[c]) : worstServed(points, assigned, old, taken).clone();
    }
    return result;
  }

  private static float[] worstServed(
      float[][] points, int[] assigned, float[][] centroids, boolean[] taken) {
    int worst = 0;
    double worstDot = Double.POSITIVE_INFINITY;
    for (int i = 0; i < points.length; i++) {
      double dot = dot(points[i], centroids[assigned[i]]);
      if (!taken[i] && dot < worstDot) {
        worstDot = dot;
        worst = i;
      }
    }
    taken[worst] = true;
    return points[worst];
  }
}
