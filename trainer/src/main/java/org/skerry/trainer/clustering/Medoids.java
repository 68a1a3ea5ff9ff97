package org.skerry.trainer.clustering;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * What a k-medoids method found.
 *
 * @param medoids the points that stand for the clusters
 * @param assigned the position in {@code medoids} of every point's nearest one
 * @param loss the sum of the dissimilarities between points and their medoids
 * @param swaps of a medoid for another point that were made
 */
@SuppressWarnings("ArrayRecordComponent") // copied in and out
public record Medoids(int[] medoids, int[] assigned, double loss, int swaps) {
  public Medoids {
    medoids = medoids.clone();
    assigned = assigned.clone();
  }

  @Override
  public int[] medoids() {
    return medoids.clone();
  }

  @Override
  public int[] assigned() {
    return assigned.clone();
  }

  /** {@code k} different points of {@code 0..n-1}, drawn from {@code random}. */
  static int[] draw(int n, int k, SplittableRandom random) {
    int[] pool = new int[n];
    Arrays.setAll(pool, i -> i);
    for (int i = 0; i < k; i++) {
      int j = random.nextInt(i, n);
      int swapped = pool[i];
      pool[i] = pool[j];
      pool[j] = swapped;
    }
    return Arrays.copyOf(pool, k);
  }
}
