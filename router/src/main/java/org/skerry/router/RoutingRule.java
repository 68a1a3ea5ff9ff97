package org.skerry.router;

import java.util.Arrays;

/**
 * Turns the router's logits for one image into a share for each expert: prior, temperature, mask,
 * softmax, strategy.
 *
 * @param temperature above 0: 1 leaves the router's probabilities, less sharpens them, more evens
 *     them out
 * @param logPrior added to the logits: {@code log(n_k / N)} when the router was trained on balanced
 *     batches, zeros when on batches in the data's own proportions
 * @param available which partitions have an expert; the others get no share
 */
record RoutingRule(Strategy strategy, double temperature, double[] logPrior, boolean[] available) {
  private static final double MAX_TEMPERATURE = 1e3;

  RoutingRule {
    if (!(temperature >= 1 / MAX_TEMPERATURE && temperature <= MAX_TEMPERATURE)) {
      throw new IllegalArgumentException("temperature " + temperature + " not in 0.001..1000");
    }
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
      scores[k] = available[k] ? (logits[k] + logPrior[k]) / temperature : Double.NEGATIVE_INFINITY;
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
    return strategy.shares(Arrays.stream(scores).map(s -> s / total).toArray());
  }
}
