package org.skerry.router;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Which expert worked how much at which noise level, over everything an ensemble has sampled. Owned
 * by the thread that samples.
 */
public final class RoutingHistogram {
  /**
   * One noise level.
   *
   * @param time of it, 1 = noise
   * @param leading for each partition, the images in which it had the largest share
   * @param share for each partition, the sum of its shares over all images
   */
  public record Level(double time, List<Long> leading, List<Double> share) {
    public Level {
      leading = List.copyOf(leading);
      share = List.copyOf(share);
    }
  }

  private record Counts(long[] leading, double[] share) {}

  private final int partitions;
  private final TreeMap<Double, Counts> levels = new TreeMap<>();

  public RoutingHistogram(int partitions) {
    this.partitions = partitions;
  }

  void add(double time, double[] shares) {
    Counts counts =
        levels.computeIfAbsent(time, t -> new Counts(new long[partitions], new double[partitions]));
    for (int k = 0; k < partitions; k++) {
      counts.share[k] += shares[k];
    }
    counts.leading[leader(shares)]++;
  }

  /** The partition with the largest share; of equals the first. */
  static int leader(double[] shares) {
    int best = 0;
    for (int k = 1; k < shares.length; k++) {
      best = shares[k] > shares[best] ? k : best;
    }
    return best;
  }

  /** The levels met so far, from noise to data. */
  public List<Level> levels() {
    var out = new ArrayList<Level>();
    levels
        .descendingMap()
        .forEach((time, counts) -> {
          var leading = new ArrayList<Long>();
          var share = new ArrayList<Double>();
          for (int k = 0; k < partitions; k++) {
            leading.add(counts.leading[k]);
            share.add(counts.share[k]);
          }
          out.add(new Level(time, leading, share));
        });
    return List.copyOf(out);
  }
}
