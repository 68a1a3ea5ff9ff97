package org.skerry.trainer.clustering;

/**
 * PAM's SWAP (Kaufman and Rousseeuw 1990), {@code k} times faster: of all pairs of a medoid and
 * another point the one that lowers the loss most is swapped, until none does. Each round takes
 * {@code n²} steps (Schubert and Rousseeuw, arXiv 1810.05691, FastPAM1).
 */
public final class FastPam1 {
  private FastPam1() {}

  /**
   * @param initial at least two different points
   * @return what PAM finds from the same start; between equally good swaps the lower point, then
   *     the lower position decides
   */
  public static Medoids fit(Dissimilarities points, int... initial) {
    MedoidSearch search = new MedoidSearch(points, initial);
    while (true) {
      int candidate = -1;
      MedoidSearch.Swap best = new MedoidSearch.Swap(0, 0);
      for (int j = 0; j < points.size(); j++) {
        if (!search.isMedoid(j)) {
          MedoidSearch.Swap swap = search.best(j);
          if (swap.change() < best.change()) {
            best = swap;
            candidate = j;
          }
        }
      }
      if (candidate < 0 || !search.improves(best)) {
        return search.result();
      }
      search.swap(best.position(), candidate);
    }
  }
}
