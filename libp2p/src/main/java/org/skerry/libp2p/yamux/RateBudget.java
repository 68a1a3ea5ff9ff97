package org.skerry.libp2p.yamux;

/** A token bucket that holds one second's worth. */
final class RateBudget {
  private static final long SECOND = 1_000_000_000L;

  private final int perSecond;
  private long credit;
  private long lastNanos;

  RateBudget(int perSecond, long nowNanos) {
    this.perSecond = perSecond;
    this.credit = SECOND;
    this.lastNanos = nowNanos;
  }

  /** Takes one, if there is one. */
  boolean take(long nowNanos) {
    credit = Math.min(SECOND, credit + Math.max(0, nowNanos - lastNanos));
    lastNanos = nowNanos;
    long cost = SECOND / perSecond;
    if (credit < cost) {
      return false;
    }
    credit -= cost;
    return true;
  }
}
