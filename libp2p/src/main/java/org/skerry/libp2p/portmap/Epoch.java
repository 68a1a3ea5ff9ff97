package org.skerry.libp2p.portmap;

import java.time.InstantSource;

/**
 * Tells from a router's seconds since its start whether it has started anew (RFC 6886, 3.6). Used
 * by one thread.
 */
final class Epoch {
  /** Its clock may be slower by an eighth, and rounds. */
  private static final long TOLERATED_SECONDS = 2;

  private final InstantSource clock;
  private boolean known;
  private long seconds;
  private long atMs;

  Epoch(InstantSource clock) {
    this.clock = clock;
  }

  /** Takes what the router says now; whether it has forgotten what it granted before. */
  boolean hasRestarted(long now) {
    long nowMs = clock.millis();
    long least = seconds + Math.max(0, nowMs - atMs) / 1000 * 7 / 8 - TOLERATED_SECONDS;
    boolean restarted = known && now < least;
    known = true;
    seconds = now;
    atMs = nowMs;
    return restarted;
  }
}
