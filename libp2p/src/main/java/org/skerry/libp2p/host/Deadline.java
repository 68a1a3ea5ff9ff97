package org.skerry.libp2p.host;

import java.time.Duration;

/** Instants of {@link System#nanoTime} by which something is to be done. */
final class Deadline {
  private Deadline() {}

  /** The time until {@code deadline}, for calls that take no zero: a nanosecond once it is over. */
  static Duration left(long deadline) {
    return Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
  }
}
