package org.skerry.libp2p.yamux;

import java.util.OptionalLong;

/** One ping at a time: measures round trips and notices a dead remote. */
final class KeepAlive {
  /** Round trips on one machine are shorter than any useful measurement. */
  private static final long MIN_RTT_NANOS = 100_000;

  /**
   * While both ends still warm up, one round trip may seem ten times as long as it is, and windows
   * would grow by that; the shortest of several is near the line's own.
   */
  private static final int FIRST_PINGS = 4;

  private final YamuxLimits limits;
  private int pings;
  private boolean waiting;
  private long pingSentNanos;
  private long lastHeardNanos;
  private long rttNanos = -1;

  KeepAlive(YamuxLimits limits, long nowNanos) {
    this.limits = limits;
    this.lastHeardNanos = nowNanos;
  }

  void heard(long nowNanos) {
    lastHeardNanos = nowNanos;
  }

  /** The session has heard nothing for long, or has measured few round trips. */
  boolean pingDue(long nowNanos) {
    return !waiting
        && (pings < FIRST_PINGS || nowNanos - lastHeardNanos >= limits.keepAliveNanos());
  }

  boolean waiting() {
    return waiting;
  }

  /** Starts a ping and returns its opaque value. */
  int start(long nowNanos) {
    waiting = true;
    pingSentNanos = nowNanos;
    return ++pings;
  }

  void pong(int value, long nowNanos) {
    if (waiting && value == pings) {
      waiting = false;
      long measured = Math.max(MIN_RTT_NANOS, nowNanos - pingSentNanos);
      rttNanos = rttNanos < 0 ? measured : Math.min(rttNanos, measured);
    }
  }

  boolean dead(long nowNanos) {
    return waiting
        && nowNanos - pingSentNanos >= limits.deadAfterNanos()
        && nowNanos - lastHeardNanos >= limits.deadAfterNanos();
  }

  /** The shortest round trip. */
  OptionalLong rttNanos() {
    return rttNanos < 0 ? OptionalLong.empty() : OptionalLong.of(rttNanos);
  }
}
