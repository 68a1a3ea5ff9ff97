package org.skerry.dht;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.skerry.dht.record.Rejection;
import org.skerry.libp2p.PeerId;

/**
 * Each peer's share of this node's service: a bound on its open streams (and on everybody's), and a
 * token bucket of requests. Thread-safe.
 */
final class PeerLimiter {
  private record Share(double tokens, long atMs, int streams) {}

  private final DhtConfig.InboundLimits limits;

  /** Guarded by itself. Holds peers with an open stream or a bucket that is not yet full again. */
  private final Map<PeerId, Share> shares = new HashMap<>();

  private int streams;
  private long sweptMs;

  PeerLimiter(DhtConfig.InboundLimits limits, long nowMs) {
    this.limits = limits;
    this.sweptMs = nowMs;
  }

  /** Counts a stream of {@code peer} as open; without a rejection, {@link #closed} must follow. */
  Optional<Rejection> opened(PeerId peer, long nowMs) {
    synchronized (shares) {
      sweep(nowMs);
      Share share = refilled(peer, nowMs);
      if (share.streams() >= limits.streamsPerPeer() || streams >= limits.streams()) {
        return Optional.of(
            new Rejection(
                Rejection.Reason.TOO_MANY_AT_ONCE,
                share.streams() + " streams of the peer and " + streams + " in all are open"));
      }
      streams++;
      shares.put(peer, new Share(share.tokens(), nowMs, share.streams() + 1));
      return Optional.empty();
    }
  }

  /** Takes one request from the share of {@code peer}. */
  Optional<Rejection> request(PeerId peer, long nowMs) {
    synchronized (shares) {
      Share share = refilled(peer, nowMs);
      if (share.tokens() < 1) {
        return Optional.of(
            new Rejection(
                Rejection.Reason.RATE_LIMITED,
                "more than " + limits.requestsPerSecond() + " requests a second"));
      }
      shares.put(peer, new Share(share.tokens() - 1, nowMs, share.streams()));
      return Optional.empty();
    }
  }

  void closed(PeerId peer) {
    synchronized (shares) {
      streams--;
      shares.computeIfPresent(
          peer, (any, share) -> new Share(share.tokens(), share.atMs(), share.streams() - 1));
    }
  }

  /** How many peers are remembered. */
  int size() {
    synchronized (shares) {
      return shares.size();
    }
  }

  private Share refilled(PeerId peer, long nowMs) {
    Share share = shares.get(peer);
    if (share == null) {
      return new Share(limits.burst(), nowMs, 0);
    }
    double earned = Math.max(0, nowMs - share.atMs()) * limits.requestsPerSecond() / 1000.0;
    return new Share(Math.min(limits.burst(), share.tokens() + earned), nowMs, share.streams());
  }

  /** Forgets, once in the time a bucket takes to fill, the peers that would start anew anyway. */
  private void sweep(long nowMs) {
    long fillMs = limits.burst() * 1000L / limits.requestsPerSecond() + 1;
    if (sweptMs + fillMs > nowMs) {
      return;
    }
    sweptMs = nowMs;
    shares.values().removeIf(share -> share.streams() == 0 && share.atMs() + fillMs <= nowMs);
  }
}
