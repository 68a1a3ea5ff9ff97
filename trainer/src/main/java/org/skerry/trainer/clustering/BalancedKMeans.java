package org.skerry.trainer.clustering;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Groups weighted points of length one into {@code k} clusters of about equal weight. As spherical
 * k-means, but no cluster may take more than {@code total / k · (1 + SLACK)}: points choose in the
 * order of what they would lose by getting their second choice, and a full cluster is closed.
 */
final class BalancedKMeans {
  private static final double SLACK = 0.15;

  private BalancedKMeans() {}

  /** The best (largest weighted sum of dot products) of {@code restarts} runs. */
  static float[][] fit(
      float[][] points,
      double[] weights,
      int k,
      int iterations,
      int restarts,
      SplittableRandom random) {
    SplittableRandom[] randoms = new SplittableRandom[restarts];
    Arrays.setAll(randoms, r -> random.split());
    Run[] runs =
        Arrays.stream(randoms)
            .parallel()
            .map(r -> run(points, weights, k, iterations, r))
            .toArray(Run[]::new);
    Run best = runs[0];
    for (Run run : runs) {
      best = run.score() > best.score() ? run : best;
    }
    return best.centroids();
  }

  @SuppressWarnings("ArrayRecordComponent") // numeric scratch, never shared
  private record Run(float[][] centroids, double score) {}

  private static Run run(
      float[][] points, double[] weights, int k, int iterations, SplittableRandom random) {
    float[][] centroids = SphericalKMeans.fit(points, k, 5, random);
    int[] assigned = new int[0];
    for (int i = 0; i < iterations; i++) {
      int[] next = assign(points, weights, centroids);
      if (Arrays.equals(next, assigned)) {
        break;
      }
      assigned = next;
      centroids = means(points, weights, assigned, centroids);
    }
    return new Run(centroids, score(points, weights, assigned, centroids));
  }

  private static int[] assign(float[][] points, double[] weights, float[][] centroids) {
    int k = centroids.length;
    double[][] dots = new double[points.length][k];
    long[] order = new long[points.length];
    for (int i = 0; i < points.length; i++) {
      double first = Double.NEGATIVE_INFINITY;
      double second = Double.NEGATIVE_INFINITY;
      for (int c = 0; c < k; c++) {
        double dot = SphericalKMeans.dot(points[i], centroids[c]);
        dots[i][c] = dot;
        if (dot > first) {
          second = first;
          first = dot;
        } else if (dot > second) {
          second = dot;
        }
      }
      // A regret is not negative, so that its bits order as it does; larger ones come first.
      float regret = k == 1 ? 0 : (float) (first - second);
      order[i] = (long) -Float.floatToIntBits(regret) << Integer.SIZE | i;
    }
    Arrays.sort(order);
    double capacity = Arrays.stream(weights).sum() / k * (1 + SLACK);
    double[] load = new double[k];
    int[] assigned = new int[points.length];
    for (long entry : order) {
      int i = (int) entry;
      assigned[i] = bestOpen(dots[i], load, capacity - weights[i]);
      load[assigned[i]] += weights[i];
    }
    return assigned;
  }

  private static int bestOpen(double[] dots, double[] load, double limit) {
    int best = -1;
    int emptiest = 0;
    for (int c = 0; c < dots.length; c++) {
      if (load[c] <= limit && (best < 0 || dots[c] > dots[best])) {
        best = c;
      }
      if (load[c] < load[emptiest]) {
        emptiest = c;
      }
    }
    return best >= 0 ? best : emptiest;
  }

  private static float[][] means(
      float[][] points, double[] weights, int[] assigned, float[][] old) {
    double[][] sums = new double[old.length][points[0].length];
    double[] loads = new double[old.length];
    for (int i = 0; i < points.length; i++) {
      loads[assigned[i]] += weights[i];
      for (int j = 0; j < points[i].length; j++) {
        sums[assigned[i]][j] += weights[i] * points[i][j];
      }
    }
    float[][] result = new float[old.length][];
    for (int c = 0; c < old.length; c++) {
      result[c] = loads[c] > 0 ? SphericalKMeans.normalized(sums[c]) : old[c];
    }
    return result;
  }

  private static double score(
      float[][] points, double[] weights, int[] assigned, float[][] centroids) {
    double sum = 0;
    for (int i = 0; i < points.length; i++) {
      sum += weights[i] * SphericalKMeans.dot(points[i], centroids[assigned[i]]);
    }
    return sum;
  }
}
