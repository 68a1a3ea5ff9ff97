package org.skerry.router;

import java.util.List;

/**
 * How one image was routed.
 *
 * @param leading the partition with the largest share at each evaluation, from noise to data
 * @param share of each partition, the mean over all evaluations
 */
public record ImageRouting(List<Integer> leading, List<Double> share) {
  public ImageRouting {
    leading = List.copyOf(leading);
    share = List.copyOf(share);
  }
}
