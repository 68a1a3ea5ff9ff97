package org.skerry.trainer.clustering;

import java.util.SplittableRandom;

/**
 * k-medoids by eager swaps: a swap that lowers the loss is made at once, and the search goes on
 * with the next point until a whole round brought none (Schubert and Rousseeuw, arXiv 2008.05171).
 */
public final class FasterPam {
  private FasterPam() {}

  /**
   * @param initial at least two different points
   */
  public static Medoids fit(Dissimilarities points, int... initial) {
    MedoidSearch search = new MedoidSearch(points, initial);
    int sinceSwap = 0;
    for (int j = 0; sinceSwap < points.size(); j = (j + 1) % points.size()) {
      sinceSwap++;
      if (!search.isMedoid(j)) {
        MedoidSearch.Swap swap = search.best(j);
        if (search.improves(swap)) {
          search.swap(swap.position(), j);
          sinceSwap = 0;
        }
      }
    }
    return search.result();
  }

  /** From {@code k} medoids drawn from the seed, which the paper found as good as a built start. */
  public static Medoids fitFromRandom(Dissimilarities points, int k, long seed) {
    return fit(points, Medoids.draw(points.size(), k, new SplittableRandom(seed)));
  }
}
