package org.skerry.libp2p.host;

/**
 * Whether a connection is of use: it has streams, or had one a moment ago. {@link #streams} is for
 * its event loop, the rest for any thread.
 */
final class Use {
  /** How long both sides have to learn of a better connection before this one closes. */
  private static final long SURPLUS_NANOS = 5_000_000_000L;

  private static final long BUSY = Long.MIN_VALUE;
  private static final long WANTED = Long.MIN_VALUE;

  private volatile long idleSinceNanos = System.nanoTime();
  private volatile long surplusSinceNanos = WANTED;

  /** The connection has so many streams now. */
  void streams(int count) {
    if (count > 0) {
      idleSinceNanos = BUSY;
    } else if (idleSinceNanos == BUSY) {
      idleSinceNanos = System.nanoTime();
    }
  }

  /** How long there has been no stream. */
  long idleNanos(long nowNanos) {
    long since = idleSinceNanos;
    return since == BUSY ? 0 : nowNanos - since;
  }

  /** The connection is to close when it is idle. */
  void surplus() {
    if (surplusSinceNanos == WANTED) {
      surplusSinceNanos = System.nanoTime();
    }
  }

  /** Whether the connection is to close now, if it has no streams. */
  boolean isOver(long nowNanos) {
    long since = surplusSinceNanos;
    return since != WANTED && nowNanos - since > SURPLUS_NANOS;
  }
}
