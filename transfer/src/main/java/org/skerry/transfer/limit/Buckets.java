package org.skerry.transfer.limit;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The buckets of one direction: one for all, one for each peer. Sans-IO; its owner locks.
 *
 * @param <P> what tells peers apart
 */
final class Buckets<P> {
  private static final int MAX_PEERS = 4096;

  private Rates rates;
  private final Bucket total;

  // Forgotten, the longest unused first, a peer owes nothing: it cannot gain much by that.
  private final Map<P, Bucket> peers =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<P, Bucket> eldest) {
          return size() > MAX_PEERS;
        }
      };

  Buckets(Rates rates, long nowMs) {
    this.rates = rates;
    this.total = new Bucket(rates.total(), nowMs);
  }

  Rates rates() {
    return rates;
  }

  void set(Rates newRates, long nowMs) {
    rates = newRates;
    total.rate(newRates.total(), nowMs);
    peers.values().forEach(bucket -> bucket.rate(newRates.perPeer(), nowMs));
  }

  /** When bytes of {@code peer} may pass next. */
  long freeAtMs(P peer, long nowMs) {
    return Math.max(total.freeAtMs(nowMs), of(peer, nowMs).freeAtMs(nowMs));
  }

  void spend(P peer, long bytes, long nowMs) {
    total.spend(bytes);
    of(peer, nowMs).spend(bytes);
  }

  private Bucket of(P peer, long nowMs) {
    return peers.computeIfAbsent(peer, p -> new Bucket(rates.perPeer(), nowMs));
  }
}
