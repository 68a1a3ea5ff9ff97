package org.skerry.router;

import java.util.Arrays;

/**
 * Turns the router's logits for one image into a share for each expert: prior, temperature, mask,
 * softmax, strategy.
 *
 * @param logPrior added to the logits: {@code log(n_k / N)} when the router was trained on balanced
 *     batches, zeros when on batches in the data's own proportions
 * @param available which partitions have an expert; the others get no share
 */
record RoutingRule(Routing routing, double[] logPrior, boolean[] available) {
  RoutingRule {
    logPrior = logPrior.clone();
    available = available.clone();
    if (logPrior.length != available.length) {
      throw new IllegalArgumentException(
          "prior of %d partitions and experts of %d".formatted(logPrior.length, available.length));
    }
  }

  double[] shares(double[] logits) {
    if (logits.length != available.length) {
      throw new IllegalArgumentException(
          "router knows %d partitions, and the ensemble has %d"
              .formatted(logits.length, available.length));
    }
    double[] scores = new double[logits.length];
    double max = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < scores.length; k++) {
      scores[k] =
          available[k]
              ? (logits[k] + logPrior[k]) / routing.temperature()
              : Double.NEGATIVE_INFINITY;
      if (Double.isNaN(scores[k]) || scores[k] == Double.POSITIVE_INFINITY) {
        throw new IllegalStateException("router gave " + logits[k] + " for partition " + k);
      }
      max = Math.max(max, scores[k]);
    }
    if (max == Double.NEGATIVE_INFINITY) {
      throw new IllegalStateException("router rules out every expert at hand");
    }
    double sum = 0;
    for (int k = 0; k < scores.length; k++) {
      scores[k] = Math.exp(scores[k] - max);
      sum += scores[k];
    }
    double total = sum;
    return routing.strategy().shares(Arrays.stream(scores).map(s -> s / total).toArray());
  }
}
