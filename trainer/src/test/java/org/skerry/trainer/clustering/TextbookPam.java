package org.skerry.trainer.clustering;

import java.util.Arrays;

/**
 * SWAP as Kaufman and Rousseeuw describe it: every pair of a medoid and another point is tried by
 * adding up the loss that it would leave. Slow, and plain enough to be right.
 */
final class TextbookPam {
  private TextbookPam() {}

  static Medoids fit(Dissimilarities points, int... initial) {
    int[] medoids = initial.clone();
    int swaps = 0;
    while (true) {
      double bestLoss = loss(points, medoids);
      int bestPoint = -1;
      int bestPosition = -1;
      for (int point = 0; point < points.size(); point++) {
        int candidate = point;
        if (Arrays.stream(medoids).anyMatch(m -> m == candidate)) {
          continue;
        }
        for (int position = 0; position < medoids.length; position++) {
          int[] swapped = medoids.clone();
          swapped[position] = point;
          double loss = loss(points, swapped);
          if (loss < bestLoss) {
            bestLoss = loss;
            bestPoint = point;
            bestPosition = position;
          }
        }
      }
      if (bestPoint < 0) {
        return new Medoids(medoids, assigned(points, medoids), bestLoss, swaps);
      }
      medoids[bestPosition] = bestPoint;
      swaps++;
    }
  }

  static double loss(Dissimilarities points, int[] medoids) {
    int[] assigned = assigned(points, medoids);
    double sum = 0;
    for (int o = 0; o < assigned.length; o++) {
      sum += points.between(o, medoids[assigned[o]]);
    }
    return sum;
  }

  private static int[] assigned(Dissimilarities points, int[] medoids) {
    int[] assigned = new int[points.size()];
    for (int o = 0; o < assigned.length; o++) {
      for (int i = 1; i < medoids.length; i++) {
        if (points.between(o, medoids[i]) < points.between(o, medoids[assigned[o]])) {
          assigned[o] = i;
        }
      }
    }
    return assigned;
  }
}
