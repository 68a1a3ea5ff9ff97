package org.skerry.dht;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.skerry.dht.routing.Origin;
import org.skerry.dht.routing.Whereabouts;
import org.skerry.libp2p.PeerId;

/**
 * The servers that are or were in the routing table, for a node that comes back and finds its
 * bootstrap peers gone. They outlast the table: one that was empty for lack of a network must not
 * take them along.
 *
 * <p>Thread-safe.
 */
final class Acquaintances {
  /** Peers that are remembered. */
  static final int MAX_KNOWN = 256;

  /** Peers that are asked at a start. */
  static final int MAX_ASKED = 20;

  /** Who has not been seen for so long, by a node that sees others, is forgotten. */
  static final long KEEP_MS = 30 * 86_400_000L;

  /** Between two writes, of which each is some 30 KB at most. */
  private static final long WRITE_MS = 5 * 60_000;

  /** Even if the same peers are there: what is stored must not look older than that. */
  private static final long RENEW_MS = 3_600_000;

  /** Those seen last, to the hour; of them those known for longest. */
  private static final Comparator<Acquaintance> BEST =
      Comparator.comparing((Acquaintance peer) -> -(peer.lastMs() / RENEW_MS))
          .thenComparing(Acquaintance::firstMs)
          .thenComparing(Acquaintance::peer);

  private final PeerStore store;

  /** Guards what is below and the order of writes. */
  private final Object lock = new Object();

  private final Map<PeerId, Acquaintance> known = new HashMap<>();
  private Set<PeerId> written = Set.of();
  private long writtenMs = Long.MIN_VALUE / 2;

  Acquaintances(PeerStore store, Counters counters) {
    this.store = store;
    PeerStore.Loaded loaded = store.load();
    loaded.peers().forEach(peer -> known.put(peer.peer(), peer));
    for (int i = 0; i < loaded.unreadable(); i++) {
      counters.count("peers.unreadable");
    }
  }

  boolean isEmpty() {
    synchronized (lock) {
      return known.isEmpty();
    }
  }

  /**
   * Notes who is in the table now, when that has changed, and not more often than every few
   * minutes.
   */
  void note(Collection<PeerId> members, Function<PeerId, Whereabouts> whereabouts, long nowMs) {
    synchronized (lock) {
      long sinceMs = nowMs - writtenMs;
      if (sinceMs < WRITE_MS) {
        return;
      }
      Set<PeerId> now = new HashSet<>(members);
      if (now.isEmpty() || (now.equals(written) && sinceMs < RENEW_MS)) {
        return;
      }
      List<Acquaintance> seen = new ArrayList<>();
      for (PeerId peer : now) {
        Acquaintance before = known.get(peer);
        long firstMs = before == null ? nowMs : before.firstMs();
        seen.add(new Acquaintance(peer, whereabouts.apply(peer), firstMs, nowMs));
      }
      seen.forEach(peer -> known.put(peer.peer(), peer));
      List<PeerId> forgotten = forget(nowMs);
      seen.removeIf(peer -> forgotten.contains(peer.peer()));
      store.save(seen, forgotten);
      written = now;
      writtenMs = nowMs;
    }
  }

  private List<PeerId> forget(long nowMs) {
    Set<PeerId> kept =
        known.values().stream()
            .filter(peer -> nowMs - peer.lastMs() < KEEP_MS)
            .sorted(BEST)
            .limit(MAX_KNOWN)
            .map(Acquaintance::peer)
            .collect(Collectors.toSet());
    List<PeerId> gone = known.keySet().stream().filter(peer -> !kept.contains(peer)).toList();
    known.keySet().retainAll(kept);
    return gone;
  }

  /**
   * All that are none of {@code members}, in no order that depends on anything but who they are.
   */
  List<Acquaintance> except(Collection<PeerId> members) {
    synchronized (lock) {
      return known.values().stream()
          .filter(peer -> !members.contains(peer.peer()))
          .sorted(Comparator.comparing(Acquaintance::peer))
          .toList();
    }
  }

  /** Whom to ask at a start: the best of each origin, then the second of each, and so on. */
  List<Acquaintance> best() {
    synchronized (lock) {
      List<Acquaintance> ranked = new ArrayList<>(known.values());
      ranked.sort(BEST);
      Map<Origin, Integer> seen = new HashMap<>();
      Map<PeerId, Integer> turns = new HashMap<>();
      ranked.forEach(
          peer -> turns.put(peer.peer(), seen.merge(peer.where().origin(), 1, Integer::sum)));
      return ranked.stream()
          .sorted(Comparator.comparing(peer -> turns.getOrDefault(peer.peer(), 0)))
          .limit(MAX_ASKED)
          .toList();
    }
  }
}
