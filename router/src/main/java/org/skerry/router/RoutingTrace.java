package org.skerry.router;

import java.util.ArrayList;
import java.util.List;

/** How every image of one batch is routed. Owned by the thread that samples. */
public final class RoutingTrace {
  private final List<double[][]> evaluations = new ArrayList<>();

  RoutingTrace() {}

  /** Takes the shares of one evaluation: {@code [batch][partitions]}. */
  void add(double[][] shares) {
    evaluations.add(shares);
  }

  /** How the image in {@code row} of the batch was routed until now. */
  public ImageRouting image(int row) {
    List<Integer> leading = new ArrayList<>();
    double[] sum = new double[evaluations.isEmpty() ? 0 : evaluations.getFirst()[row].length];
    for (double[][] shares : evaluations) {
      leading.add(RoutingHistogram.leader(shares[row]));
      for (int k = 0; k < sum.length; k++) {
        sum[k] += shares[row][k];
      }
    }
    List<Double> share = new ArrayList<>();
    for (double total : sum) {
      share.add(Math.round(1e4 * total / evaluations.size()) / 1e4);
    }
    return new ImageRouting(leading, share);
  }
}
