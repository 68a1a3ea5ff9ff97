package org.skerry.trainer.clustering;

/** How vectors become partitions. */
public enum ClusteringMethod {
  /** {@link TwoStageClustering}. */
  K_MEANS("spherical k-means in two stages, balanced") {
    @Override
    public int[] partition(float[][] vectors, int k, long seed) {
      return TwoStageClustering.partition(vectors, k, seed);
    }
  },
  /** {@link FasterPam} for few vectors, {@link FasterClara} for many. Does not balance. */
  K_MEDOIDS("k-medoids by FasterPAM") {
    @Override
    public int[] partition(float[][] vectors, int k, long seed) {
      if (k == 1) {
        return new int[vectors.length];
      }
      Medoids found =
          vectors.length <= FEW
              ? FasterPam.fitFromRandom(Dissimilarities.euclidean(vectors), k, seed)
              : FasterClara.fit(vectors, k, seed);
      return found.assigned();
    }
  };

  /** Distances between all pairs of so many vectors take 64 MiB. */
  private static final int FEW = 4_096;

  private final String text;

  ClusteringMethod(String text) {
    this.text = text;
  }

  /** For people, and for repeating it. */
  public String text() {
    return text;
  }

  /**
   * @param vectors {@code [n, features]}, each of length one
   * @return the partition (0..k-1) of every vector
   */
  public abstract int[] partition(float[][] vectors, int k, long seed);
}
