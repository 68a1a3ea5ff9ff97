package org.skerry.trainer.clustering;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Partitions feature vectors of length one as in arXiv 2501.05450, section 3.3: many fine centroids
 * by {@link SphericalKMeans} on a sample of the data, these grouped into {@code k} balanced coarse
 * ones, every vector to its nearest coarse centroid. A pure function of the vectors and the seed.
 */
public final class TwoStageClustering {
  /** At most this many vectors are looked at for the fine centroids. */
  static final int FINE_SAMPLE = 20_000;

  private static final int MAX_FINE = 1_024;
  private static final int VECTORS_PER_FINE = 12;
  private static final int FINE_ITERATIONS = 50;
  private static final int COARSE_ITERATIONS = 100;
  private static final int COARSE_RESTARTS = 32;

  private TwoStageClustering() {}

  /**
   * @param vectors {@code [n, features]}, each of length one, n ≥ k
   * @return the partition (0..k-1) of every vector
   */
  public static int[] partition(float[][] vectors, int k, long seed) {
    if (k < 1 || k > vectors.length) {
      throw new IllegalArgumentException(k + " partitions of " + vectors.length + " vectors");
    }
    SplittableRandom random = new SplittableRandom(seed);
    float[][] sample = sample(vectors, random);
    int fine = Math.clamp(sample.length / VECTORS_PER_FINE, k, Math.max(k, MAX_FINE));
    float[][] fineCentroids = SphericalKMeans.fit(sample, fine, FINE_ITERATIONS, random);
    double[] weights = new double[fine];
    for (int centroid : SphericalKMeans.nearest(sample, fineCentroids)) {
      weights[centroid]++;
    }
    float[][] coarse =
        BalancedKMeans.fit(fineCentroids, weights, k, COARSE_ITERATIONS, COARSE_RESTARTS, random);
    return SphericalKMeans.nearest(vectors, coarse);
  }

  private static float[][] sample(float[][] vectors, SplittableRandom random) {
    if (vectors.length <= FINE_SAMPLE) {
      return vectors;
    }
    float[][] pool = Arrays.copyOf(vectors, vectors.length);
    for (int i = 0; i < FINE_SAMPLE; i++) {
      int j = random.nextInt(i, pool.length);
      float[] swapped = pool[i];
      pool[i] = pool[j];
      pool[j] = swapped;
    }
    return Arrays.copyOf(pool, FINE_SAMPLE);
  }
}
