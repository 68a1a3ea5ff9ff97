package org.skerry.trainer.evaluation;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * How often a router names the right partition first. Near {@code t = 1} an image is all noise, and
 * nothing can do better than the prior: to name the largest partition whatever comes.
 *
 * @param overall share of all draws, 0..1
 * @param prior share that the largest partition has of the images
 * @param byTime share at each of {@link #LEVELS} equal slices of (0, 1), from data to noise
 */
public record RouterAccuracy(double overall, double prior, List<Double> byTime) {
  public static final int LEVELS = 10;

  public RouterAccuracy {
    byTime = List.copyOf(byTime);
  }

  /**
   * @param right whether each draw was sent home
   * @param labels the partition of each image
   */
  static RouterAccuracy of(FixedDraws draws, boolean[] right, long[] labels) {
    int[] drawn = new int[LEVELS];
    int[] hit = new int[LEVELS];
    for (int i = 0; i < draws.count(); i++) {
      int level = Math.min(LEVELS - 1, (int) (draws.time(i) * LEVELS));
      drawn[level]++;
      hit[level] += right[i] ? 1 : 0;
    }
    long largest =
        LongStream.of(labels)
            .boxed()
            .collect(Collectors.groupingBy(label -> label, Collectors.counting()))
            .values()
            .stream()
            .max(Long::compare)
            .orElseThrow();
    return new RouterAccuracy(
        (double) IntStream.of(hit).sum() / draws.count(),
        (double) largest / labels.length,
        IntStream.range(0, LEVELS).mapToObj(i -> (double) hit[i] / drawn[i]).toList());
  }
}
