package org.skerry.libp2p.relay;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import org.skerry.libp2p.PeerId;

/**
 * Who has reserved, and how many circuits everybody has. A plain state machine, not thread-safe.
 */
final class Places {
  private final RelayLimits limits;
  private final Map<PeerId, Reserved> reserved = new HashMap<>();
  private final Map<PeerId, Integer> circuits = new HashMap<>();
  private int allCircuits;

  private record Reserved(String origin, long expiresMs) {}

  Places(RelayLimits limits) {
    this.limits = limits;
  }

  /**
   * Reserves for {@code peer}, or renews.
   *
   * @param origin the peer's IP address
   * @return when it expires, in milliseconds; nothing when there is no place
   */
  Optional<Long> reserve(PeerId peer, String origin, long nowMs) {
    forgetExpired(nowMs);
    Reserved before = reserved.remove(peer);
    long there = reserved.values().stream().filter(r -> r.origin().equals(origin)).count();
    if (reserved.size() >= limits.reservations() || there >= limits.reservationsPerIp()) {
      if (before != null) {
        reserved.put(peer, before);
      }
      return Optional.empty();
    }
    // Whole seconds go over the wire.
    long expiresMs = (nowMs / 1000 + limits.reservationTime().toSeconds()) * 1000;
    reserved.put(peer, new Reserved(origin, expiresMs));
    return Optional.of(expiresMs);
  }

  private void forgetExpired(long nowMs) {
    for (Iterator<Reserved> all = reserved.values().iterator(); all.hasNext(); ) {
      if (all.next().expiresMs() <= nowMs) {
        all.remove();
      }
    }
  }

  boolean isReserved(PeerId peer, long nowMs) {
    Reserved place = reserved.get(peer);
    return place != null && place.expiresMs() > nowMs;
  }

  /** The peer has gone, and its reservation with it. */
  void leave(PeerId peer) {
    reserved.remove(peer);
  }

  int reservations() {
    return reserved.size();
  }

  int circuits() {
    return allCircuits;
  }

  /** Whether there is a place for a circuit between the two, which is then taken. */
  boolean open(PeerId from, PeerId to) {
    if (allCircuits >= limits.circuits()
        || circuits.getOrDefault(from, 0) >= limits.circuitsPerPeer()
        || circuits.getOrDefault(to, 0) >= limits.circuitsPerPeer()) {
      return false;
    }
    allCircuits++;
    circuits.merge(from, 1, Integer::sum);
    circuits.merge(to, 1, Integer::sum);
    return true;
  }

  void close(PeerId from, PeerId to) {
    allCircuits--;
    for (PeerId end : new PeerId[] {from, to}) {
      circuits.computeIfPresent(end, (peer, count) -> count == 1 ? null : count - 1);
    }
  }
}
