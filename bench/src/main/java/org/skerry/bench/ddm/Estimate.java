package org.skerry.bench.ddm;

import java.util.Collection;
import org.hipparchus.distribution.continuous.TDistribution;

/**
 * A mean over runs with its 95 % interval by Student's t.
 *
 * @param half of the interval; NaN for a single run
 */
record Estimate(double mean, double half) {
  private static final double QUANTILE = 0.975;

  static Estimate of(Collection<Double> values) {
    int n = values.size();
    double mean = values.stream().mapToDouble(v -> v).average().orElseThrow();
    if (n < 2) {
      return new Estimate(mean, Double.NaN);
    }
    double squares = values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
    double quantile = new TDistribution(n - 1).inverseCumulativeProbability(QUANTILE);
    return new Estimate(mean, quantile * Math.sqrt(squares / (n - 1) / n));
  }
}
