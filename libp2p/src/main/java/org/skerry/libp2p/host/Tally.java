package org.skerry.libp2p.host;

import java.util.HashMap;
import java.util.Map;

/** How many there are of each; keeps nothing of those that there are none of. Not thread-safe. */
final class Tally<K> {
  private final Map<K, Integer> counts = new HashMap<>();

  int of(K key) {
    return counts.getOrDefault(key, 0);
  }

  void add(K key) {
    counts.merge(key, 1, Integer::sum);
  }

  void take(K key) {
    counts.computeIfPresent(key, (k, n) -> n == 1 ? null : n - 1);
  }
}
