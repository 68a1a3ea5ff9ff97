package org.skerry.dht;

import java.util.LinkedHashMap;
import java.util.List;
import org.skerry.dht.routing.KademliaKey;
import org.skerry.dht.routing.PeerAddresses;

/**
 * What searches found, for a minute: who looks for the same key again begins there. It is where a
 * search begins and not where it ends, so a liar's answer does not last. Thread-safe.
 */
final class RecentSearches {
  private static final int MAX_KEYS = 256;
  private static final long LIFE_MS = 60_000;

  private record Found(List<PeerAddresses> closest, long atMs) {}

  /** Guarded by itself; the oldest first. */
  private final LinkedHashMap<KademliaKey, Found> found = new LinkedHashMap<>();

  void add(KademliaKey target, List<PeerAddresses> closest, long nowMs) {
    synchronized (found) {
      found.remove(target);
      found.put(target, new Found(closest, nowMs));
      while (found.size() > MAX_KEYS || found.firstEntry().getValue().atMs() + LIFE_MS <= nowMs) {
        found.pollFirstEntry();
      }
    }
  }

  List<PeerAddresses> of(KademliaKey target, long nowMs) {
    synchronized (found) {
      Found last = found.get(target);
      return last == null || last.atMs() + LIFE_MS <= nowMs ? List.of() : last.closest();
    }
  }
}
