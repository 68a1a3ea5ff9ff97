package org.skerry.bench;

import java.util.Map;
import java.util.TreeMap;
import org.skerry.bench.Report.Row;

/** So many of so many, over all seeds. */
class Tally {
  /** z of a one-sided bound of 97.5 %, as the lower end of a 95 % interval is. */
  private static final double Z = 1.96;

  private long of;
  private long good;

  void add(long newOf, long newGood) {
    of += newOf;
    good += newGood;
  }

  long of() {
    return of;
  }

  long good() {
    return good;
  }

  double share() {
    return good / (double) of;
  }

  /** Wilson's interval. */
  double lowerBound() {
    double p = share();
    double square = Z * Z / of;
    double centre = p + square / 2;
    double half = Math.sqrt(p * (1 - p) * square + square * square / 4);
    return (centre - half) / (1 + square);
  }

  Map<String, Double> exact() {
    return new TreeMap<>(Map.of("found", round(share()), "at_least", round(lowerBound())));
  }

  private static double round(double share) {
    return Math.round(share * 1e5) / 1e5;
  }

  Row row(String label) {
    return Row.of(label, (double) of, share(), lowerBound(), medianHops(), medianQueries());
  }

  double medianHops() {
    return Double.NaN;
  }

  double medianQueries() {
    return Double.NaN;
  }
}
