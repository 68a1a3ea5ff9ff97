package org.skerry.dht;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.skerry.dht.limit.FairBudget;
import org.skerry.dht.record.Rejection;
import org.skerry.dht.routing.Origin;
import org.skerry.libp2p.PeerId;

/**
 * Each peer's share of this node's service, and that of all peers of one {@link Origin} together: a
 * bound on their open streams (and on everybody's), and a budget of requests. Thread-safe.
 */
final class PeerLimiter {
  /** Who asks. */
  record Client(PeerId peer, Origin origin) {}

  private final DhtConfig.InboundLimits limits;
  private final FairBudget requests;

  /** Guards what is below, where whoever has no stream open is forgotten. */
  private final Object lock = new Object();

  private final Map<PeerId, Integer> ofPeers = new HashMap<>();
  private final Map<Origin, Integer> ofOrigins = new HashMap<>();
  private int streams;

  PeerLimiter(DhtConfig.InboundLimits limits) {
    this.limits = limits;
    this.requests = new FairBudget(limits.requestsPerSecond(), limits.burst());
  }

  /** Counts a stream as open; without a rejection, {@link #closed} must follow. */
  Optional<Rejection> opened(Client client) {
    synchronized (lock) {
      int ofPeer = ofPeers.getOrDefault(client.peer(), 0);
      int ofOrigin = ofOrigins.getOrDefault(client.origin(), 0);
      if (ofPeer >= limits.streamsPerPeer() || streams >= limits.streams()) {
        return Optional.of(
            new Rejection(
                Rejection.Reason.TOO_MANY_AT_ONCE,
                ofPeer + " streams of the peer and " + streams + " in all are open"));
      }
      if (client.origin().isBounded()
          && ofOrigin >= FairBudget.PEERS_PER_ORIGIN * limits.streamsPerPeer()) {
        return Optional.of(
            new Rejection(
                Rejection.Reason.ORIGIN_LIMITED,
                ofOrigin + " streams of the peer's origin are open"));
      }
      streams++;
      ofPeers.merge(client.peer(), 1, Integer::sum);
      ofOrigins.merge(client.origin(), 1, Integer::sum);
      return Optional.empty();
    }
  }

  void closed(Client client) {
    synchronized (lock) {
      streams--;
      ofPeers.computeIfPresent(client.peer(), (any, count) -> count == 1 ? null : count - 1);
      ofOrigins.computeIfPresent(client.origin(), (any, count) -> count == 1 ? null : count - 1);
    }
  }

  /** Takes one request from the shares of {@code client}. */
  Optional<Rejection> request(Client client, long nowMs) {
    return switch (requests.take(client.peer(), client.origin(), nowMs)) {
      case GRANTED -> Optional.empty();
      case PEER_EXHAUSTED ->
          Optional.of(
              new Rejection(
                  Rejection.Reason.RATE_LIMITED,
                  "more than " + limits.requestsPerSecond() + " requests a second"));
      case ORIGIN_EXHAUSTED ->
          Optional.of(
              new Rejection(
                  Rejection.Reason.ORIGIN_LIMITED,
                  "more than "
                      + FairBudget.PEERS_PER_ORIGIN * limits.requestsPerSecond()
                      + " requests a second of the peer's origin"));
    };
  }

  /** How many peers and origins have streams open. */
  int size() {
    synchronized (lock) {
      return ofPeers.size() + ofOrigins.size();
    }
  }
}
