package org.skerry.bench;

import java.util.List;

/** The middle of what was measured: what else the machine did then moves it least. */
final class Median {
  private Median() {}

  /** The median; not a number when there are no values. */
  static double of(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int half = sorted.size() / 2;
    if (sorted.isEmpty()) {
      return Double.NaN;
    }
    return sorted.size() % 2 == 1
        ? sorted.get(half)
        : (sorted.get(half - 1) + sorted.get(half)) / 2;
  }
}
