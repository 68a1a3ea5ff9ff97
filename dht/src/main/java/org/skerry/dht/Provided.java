package org.skerry.dht;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.skerry.libp2p.multiformats.Multihash;

/** What this node provides, and when each is to be announced next. Thread-safe. */
final class Provided {
  private final long intervalMs;
  private final Map<Multihash, Long> nextMs = new ConcurrentHashMap<>();

  Provided(long intervalMs) {
    this.intervalMs = intervalMs;
  }

  void add(Multihash content, long nowMs) {
    nextMs.put(content, nowMs);
  }

  void remove(Multihash content) {
    nextMs.remove(content);
  }

  List<Multihash> due(long nowMs) {
    return nextMs.entrySet().stream()
        .filter(entry -> entry.getValue() <= nowMs)
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }

  /** Without anybody to tell, it stays due. */
  void announced(Multihash content, int told, long nowMs) {
    nextMs.computeIfPresent(content, (any, before) -> told == 0 ? nowMs : nowMs + intervalMs);
  }
}
