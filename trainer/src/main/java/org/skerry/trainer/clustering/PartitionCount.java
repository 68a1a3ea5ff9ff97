package org.skerry.trainer.clustering;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.skerry.trainer.features.PrincipalComponents;

/**
 * How many partitions the data themselves ask for: the largest number for which
 *
 * <ol>
 *   <li>k-means finds the same groups again from other data and other starts: fitted on two
 *       disjoint halves, every group of the one partition overlaps one of the other by at least
 *       three quarters (Jaccard's index of the worst group, mean of {@value #SPLITS} splits; three
 *       quarters is what Hennig, "Cluster-wise assessment of cluster stability", 2007, calls
 *       stable);
 *   <li>a mixture of as many Gaussians, fitted from that partition, has a smaller Bayesian
 *       information criterion than any of fewer, so that no group is one Gaussian cut in pieces;
 *   <li>every group holds the images that a partition needs.
 * </ol>
 *
 * The idea of validating k-means partitions by Gaussian mixtures is that of Probabilistic Partitive
 * Partitioning. The choice is a function of the set of vectors: it takes no seed, and their order
 * does not matter.
 *
 * @param k the choice; 1 when no number of groups is found again
 * @param trials what was measured of each number, from 2 on
 */
public record PartitionCount(int k, List<Trial> trials) {
  /** The largest number that is tried. */
  public static final int MAX = 16;

  /** Halves are drawn this often. */
  static final int SPLITS = 5;

  private static final double STABLE = 0.75;
  private static final int SAMPLE = 8_000;
  private static final int STARTS = 4;
  private static final int ITERATIONS = 50;
  private static final int MIXTURE_FEATURES = 10;
  private static final long OWN_SEED = 0x5ee1_4a5b_0c3dL;

  /**
   * One number of groups.
   *
   * @param overlap of the worst group between partitions of halves, 0..1
   * @param confirmed whether the Gaussian mixture needs all groups
   * @param smallest images in the smallest group
   */
  public record Trial(int k, double overlap, boolean confirmed, long smallest) {}

  public PartitionCount {
    trials = List.copyOf(trials);
  }

  /**
   * @param vectors {@code [n, features]}, each of length one
   * @param minImages that every group must hold
   */
  public static PartitionCount choose(float[][] vectors, int minImages) {
    float[][] sorted = vectors.clone();
    Arrays.sort(sorted, Arrays::compare);
    float[][] sample = evenly(sorted);
    float[][] reduced =
        sample.length < 2
            ? sample
            : PrincipalComponents.fit(sample, MIXTURE_FEATURES).project(sample);
    int most = Math.min(MAX, Math.min(sample.length / 4, vectors.length / minImages));
    double best = most < 2 ? 0 : GaussianMixture.bic(reduced, new int[sample.length], 1);
    int chosen = 1;
    List<Trial> trials = new ArrayList<>();
    for (int k = 2; k <= most; k++) {
      int[] assigned =
          SphericalKMeans.nearest(sample, fit(sample, k, new SplittableRandom(OWN_SEED + k)));
      double bic = GaussianMixture.bic(reduced, assigned, k);
      long[] sizes = new long[k];
      Arrays.stream(assigned).forEach(c -> sizes[c]++);
      long smallest = Arrays.stream(sizes).min().orElse(0) * vectors.length / sample.length;
      Trial trial = new Trial(k, overlap(sample, k), bic < best, smallest);
      trials.add(trial);
      best = Math.min(best, bic);
      if (trial.overlap() >= STABLE && trial.confirmed() && smallest >= minImages) {
        chosen = k;
      }
    }
    return new PartitionCount(chosen, trials);
  }

  /** Why, in two lines for people. */
  public List<String> reason() {
    String why =
        trials.stream()
            .filter(trial -> trial.k() == k)
            .map(trial ->
                "%d experts: the most groups, of up to %d, that two halves of the images agree on"
                        .formatted(k, trials.getLast().k())
                    + " (the worst overlaps by %.0f %%) and Gaussian mixtures need"
                        .formatted(100 * trial.overlap()))
            .findFirst()
            .orElse("1 expert: no number of groups is the same in two halves of the images");
    String all =
        trials.stream()
            .map(trial ->
                String.format(
                    Locale.ROOT,
                    "%d: %.2f%s",
                    trial.k(),
                    trial.overlap(),
                    trial.confirmed() ? "" : " (not needed)"))
            .collect(Collectors.joining(", ", "overlap of the worst group by number: ", ""));
    return trials.isEmpty() ? List.of(why) : List.of(why, all);
  }

  /** The mean over splits of the worst group's overlap. */
  private static double overlap(float[][] points, int k) {
    return IntStream.range(0, SPLITS)
        .parallel()
        .mapToDouble(s -> overlap(points, k, new SplittableRandom(OWN_SEED * (s + 1) + k)))
        .boxed()
        .toList()
        .stream()
        .mapToDouble(Double::doubleValue)
        .average()
        .orElse(0);
  }

  private static double overlap(float[][] points, int k, SplittableRandom random) {
    int[] order = Medoids.draw(points.length, points.length, random);
    int half = points.length / 2;
    int[] first = SphericalKMeans.nearest(points, fit(pick(points, order, 0, half), k, random));
    int[] second =
        SphericalKMeans.nearest(points, fit(pick(points, order, half, 2 * half), k, random));
    long[][] common = new long[k][k];
    long[] firstSize = new long[k];
    long[] secondSize = new long[k];
    for (int i = 0; i < points.length; i++) {
      common[first[i]][second[i]]++;
      firstSize[first[i]]++;
      secondSize[second[i]]++;
    }
    double worst = 1;
    for (int a = 0; a < k; a++) {
      double best = 0;
      for (int b = 0; b < k; b++) {
        long union = firstSize[a] + secondSize[b] - common[a][b];
        best = Math.max(best, union == 0 ? 0 : (double) common[a][b] / union);
      }
      worst = Math.min(worst, best);
    }
    return worst;
  }

  private static float[][] fit(float[][] points, int k, SplittableRandom random) {
    int trials = 2 + (int) Math.log(k);
    SphericalKMeans.Fit best = SphericalKMeans.run(points, k, ITERATIONS, trials, random);
    for (int s = 1; s < STARTS; s++) {
      SphericalKMeans.Fit fit = SphericalKMeans.run(points, k, ITERATIONS, trials, random);
      best = fit.similarity() > best.similarity() ? fit : best;
    }
    return best.centroids();
  }

  private static float[][] pick(float[][] points, int[] order, int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> points[order[i]]).toArray(float[][]::new);
  }

  private static float[][] evenly(float[][] vectors) {
    int n = vectors.length;
    return n <= SAMPLE
        ? vectors
        : IntStream.range(0, SAMPLE)
            .mapToObj(i -> vectors[(int) ((long) i * n / SAMPLE)])
            .toArray(float[][]::new);
  }
}
