package org.skerry.dht.limit;

import java.util.LinkedHashMap;
import java.util.Map;
import org.skerry.dht.routing.Origin;
import org.skerry.libp2p.PeerId;

/**
 * A share for each peer of something that costs this node, and a larger one for all peers of one
 * {@link Origin} together: a token bucket each. Thread-safe.
 *
 * <p>Only the peers and origins that asked last are remembered, since ids cost nothing to make.
 * What was forgotten begins with a full bucket again: a new id has one too, and still draws on its
 * origin's; origins are not had for nothing.
 */
public final class FairBudget {
  /** Peers and origins that are remembered, so many of each. */
  public static final int MAX_REMEMBERED = 4096;

  /** An origin's share, in shares of a peer. */
  public static final int PEERS_PER_ORIGIN = 4;

  /** Whether what was asked for is granted, or whose share is used up. */
  public enum Verdict {
    GRANTED,
    PEER_EXHAUSTED,
    ORIGIN_EXHAUSTED
  }

  private record Bucket(double tokens, long atMs) {
    /** What is in it now; a clock that was set back fills nothing. */
    double tokens(double perMs, double most, long nowMs) {
      return Math.min(most, tokens + Math.max(0, nowMs - atMs) * perMs);
    }
  }

  private final int perSecond;
  private final int burst;

  /** Guarded by this. */
  private final Map<PeerId, Bucket> peers = latest();

  /** Guarded by this. */
  private final Map<Origin, Bucket> origins = latest();

  /**
   * @param perSecond of one peer, in the long run
   * @param burst of one peer at once after a pause
   */
  public FairBudget(int perSecond, int burst) {
    if (perSecond < 1 || burst < 1) {
      throw new IllegalArgumentException(
          "a budget of " + perSecond + " a second, " + burst + " at once");
    }
    this.perSecond = perSecond;
    this.burst = burst;
  }

  private static <K> Map<K, Bucket> latest() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<K, Bucket> eldest) {
        return size() > MAX_REMEMBERED;
      }
    };
  }

  /** Takes one from both shares, or from none when either is used up. */
  public synchronized Verdict take(PeerId peer, Origin origin, long nowMs) {
    double ofPeer = tokens(peers, peer, 1, nowMs);
    double ofOrigin = origin.isBounded() ? tokens(origins, origin, PEERS_PER_ORIGIN, nowMs) : 1;
    if (ofPeer < 1) {
      return Verdict.PEER_EXHAUSTED;
    }
    if (ofOrigin < 1) {
      return Verdict.ORIGIN_EXHAUSTED;
    }
    peers.put(peer, new Bucket(ofPeer - 1, nowMs));
    if (origin.isBounded()) {
      origins.put(origin, new Bucket(ofOrigin - 1, nowMs));
    }
    return Verdict.GRANTED;
  }

  private <K> double tokens(Map<K, Bucket> buckets, K of, int shares, long nowMs) {
    Bucket bucket = buckets.get(of);
    double most = (double) shares * burst;
    return bucket == null ? most : bucket.tokens(shares * perSecond / 1000.0, most, nowMs);
  }

  /** How many peers and origins are remembered. */
  public synchronized int size() {
    return peers.size() + origins.size();
  }
}
