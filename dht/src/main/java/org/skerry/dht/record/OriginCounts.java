package org.skerry.dht.record;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.skerry.dht.routing.Origin;

/** How many records each origin has, and which origin has the most. One owner at a time. */
final class OriginCounts {
  private final Map<Origin, Integer> counts = new HashMap<>();

  /** The origins by how many records they have; those that have had so many for longest first. */
  private final TreeMap<Integer, Set<Origin>> bySize = new TreeMap<>();

  private int total;

  void add(Origin origin, int more) {
    int before = counts.getOrDefault(origin, 0);
    leave(origin, before);
    int after = before + more;
    if (after > 0) {
      counts.put(origin, after);
      bySize.computeIfAbsent(after, any -> new LinkedHashSet<>()).add(origin);
    } else {
      counts.remove(origin);
    }
    total += more;
  }

  private void leave(Origin origin, int size) {
    bySize.computeIfPresent(
        size,
        (any, origins) -> {
          origins.remove(origin);
          return origins.isEmpty() ? null : origins;
        });
  }

  /** The origin with the most records; of several, the one that has had so many for longest. */
  Optional<Origin> largest() {
    return bySize.isEmpty()
        ? Optional.empty()
        : Optional.of(bySize.lastEntry().getValue().iterator().next());
  }

  /** Of all origins together. */
  int total() {
    return total;
  }
}
