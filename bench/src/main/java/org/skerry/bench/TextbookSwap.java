package org.skerry.bench;

import org.skerry.trainer.clustering.Dissimilarities;

/**
 * PAM's SWAP as Kaufman and Rousseeuw (1990) give it: each round tries all {@code k (n - k)} pairs
 * of a medoid and another point in {@code n} steps each, with the nearest and second nearest medoid
 * of every point at hand, and makes the best swap.
 */
final class TextbookSwap {
  private final Dissimilarities points;
  private final int n;
  private final int[] medoids;
  private final int[] near;
  private final float[] nearest;
  private final float[] second;
  private double loss;
  private int swaps;

  private TextbookSwap(Dissimilarities points, int[] initial) {
    this.points = points;
    n = points.size();
    medoids = initial.clone();
    near = new int[n];
    nearest = new float[n];
    second = new float[n];
  }

  /**
   * What it ended with.
   *
   * @param loss sum of dissimilarities
   */
  record Result(double loss, int swaps) {}

  static Result run(Dissimilarities points, int[] initial) {
    TextbookSwap search = new TextbookSwap(points, initial);
    search.assign();
    while (search.swapBest()) {
      search.assign();
    }
    return new Result(search.loss, search.swaps);
  }

  private boolean swapBest() {
    double best = -1e-9 * loss;
    int bestPosition = -1;
    int bestPoint = -1;
    for (int j = 0; j < n; j++) {
      if (medoids[near[j]] != j) {
        for (int i = 0; i < medoids.length; i++) {
          double change = change(i, j);
          if (change < best) {
            best = change;
            bestPosition = i;
            bestPoint = j;
          }
        }
      }
    }
    if (bestPosition < 0) {
      return false;
    }
    medoids[bestPosition] = bestPoint;
    swaps++;
    return true;
  }

  private double change(int position, int candidate) {
    double sum = 0;
    for (int o = 0; o < n; o++) {
      float d = points.between(candidate, o);
      if (near[o] == position) {
        sum += Math.min(d, second[o]) - (double) nearest[o];
      } else if (d < nearest[o]) {
        sum += (double) d - nearest[o];
      }
    }
    return sum;
  }

  private void assign() {
    loss = 0;
    for (int o = 0; o < n; o++) {
      nearest[o] = Float.POSITIVE_INFINITY;
      second[o] = Float.POSITIVE_INFINITY;
      for (int i = 0; i < medoids.length; i++) {
        float d = points.between(medoids[i], o);
        if (d < nearest[o]) {
          second[o] = nearest[o];
          nearest[o] = d;
          near[o] = i;
        } else if (d < second[o]) {
          second[o] = d;
        }
      }
      loss += nearest[o];
    }
  }
}
