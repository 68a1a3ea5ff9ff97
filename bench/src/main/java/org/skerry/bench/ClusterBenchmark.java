package org.skerry.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.skerry.bench.Report.Row;
import org.skerry.trainer.clustering.ClusteringMethod;
import org.skerry.trainer.clustering.Dissimilarities;
import org.skerry.trainer.clustering.FastPam1;
import org.skerry.trainer.clustering.FasterPam;
import org.skerry.trainer.clustering.Medoids;

/**
 * k-medoids by eager swaps beside the textbook's, from the same medoids drawn at random, and the
 * two-stage k-means that makes partitions. The points are a mixture of normal distributions; the
 * loss is what each method ends with.
 */
final class ClusterBenchmark implements Benchmark {
  private static final int FEATURES = 48;
  private static final int GROUPS = 150;
  private static final double SPREAD = 0.7;
  private static final int PARTITIONS = 8;

  @Override
  public String name() {
    return "cluster";
  }

  @Override
  public String about() {
    return "FasterPAM beside the textbook's PAM, and k-means of images in two stages";
  }

  @Override
  public Map<String, String> options() {
    return new TreeMap<>(
        Map.of("points", "1600", "medoids", "100", "images", "50000", "rounds", "3"));
  }

  /** Seconds of the median round, and what came out, the same in each. */
  private record Timed<T>(double seconds, T result) {}

  private interface Work<T> {
    T run();
  }

  @Override
  public Report run(Options options) {
    int k = options.number("medoids");
    int rounds = options.number("rounds");
    float[][] vectors = directions(options.number("points"), 1);
    Dissimilarities points = Dissimilarities.euclidean(vectors);
    int[] start = start(vectors.length, k);
    FasterPam.fit(points, start);
    FastPam1.fit(Dissimilarities.euclidean(directions(vectors.length / 4 + k, 2)), start(k, k));

    Timed<Medoids> faster = timed(rounds, () -> FasterPam.fit(points, start));
    Timed<Medoids> fast = timed(1, () -> FastPam1.fit(points, start));
    Timed<TextbookSwap.Result> textbook = timed(1, () -> TextbookSwap.run(points, start));
    float[][] images = directions(options.number("images"), 3);
    Timed<int[]> kMeans =
        timed(rounds, () -> ClusteringMethod.K_MEANS.partition(images, PARTITIONS, 1));

    List<Row> rows =
        List.of(
            Row.of(
                "textbook PAM, SWAP",
                textbook.seconds(),
                (double) textbook.result().swaps(),
                textbook.result().loss()),
            medoidsRow("FastPAM1", fast),
            medoidsRow("FasterPAM", faster),
            Row.of(
                "k-means, " + images.length + " x " + FEATURES,
                kMeans.seconds(),
                Double.NaN,
                Double.NaN));
    return new Report(
        List.of("seconds", "swaps", "loss"),
        rows,
        Map.of(
            "fasterpam_speedup", Report.rounded(textbook.seconds() / faster.seconds()),
            "fastpam1_speedup", Report.rounded(textbook.seconds() / fast.seconds()),
            "fasterpam_loss_over_pam",
                Report.rounded(faster.result().loss() / textbook.result().loss()),
            "kmeans_seconds", Report.rounded(kMeans.seconds())));
  }

  private static Row medoidsRow(String label, Timed<Medoids> timed) {
    return Row.of(label, timed.seconds(), (double) timed.result().swaps(), timed.result().loss());
  }

  private static <T> Timed<T> timed(int rounds, Work<T> work) {
    List<Double> seconds = new ArrayList<>();
    long start = System.nanoTime();
    T result = work.run();
    seconds.add((System.nanoTime() - start) / 1e9);
    for (int round = 1; round < rounds; round++) {
      start = System.nanoTime();
      work.run();
      seconds.add((System.nanoTime() - start) / 1e9);
    }
    return new Timed<>(Median.of(seconds), result);
  }

  private static int[] start(int n, int k) {
    int[] all = new int[n];
    Arrays.setAll(all, i -> i);
    SplittableRandom random = new SplittableRandom(4);
    for (int i = 0; i < k; i++) {
      int j = random.nextInt(i, n);
      int swapped = all[i];
      all[i] = all[j];
      all[j] = swapped;
    }
    return Arrays.copyOf(all, k);
  }

  /** Vectors of length one around {@value #GROUPS} directions. */
  private static float[][] directions(int n, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] centres = new double[GROUPS][FEATURES];
    for (double[] centre : centres) {
      Arrays.setAll(centre, j -> random.nextGaussian());
    }
    float[][] vectors = new float[n][FEATURES];
    for (float[] vector : vectors) {
      double[] centre = centres[random.nextInt(GROUPS)];
      double square = 0;
      for (int j = 0; j < FEATURES; j++) {
        vector[j] = (float) (centre[j] + SPREAD * random.nextGaussian());
        square += vector[j] * vector[j];
      }
      for (int j = 0; j < FEATURES; j++) {
        vector[j] /= (float) Math.sqrt(square);
      }
    }
    return vectors;
  }
}
