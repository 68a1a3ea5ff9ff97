package org.skerry.libp2p.relay;

import java.util.concurrent.TimeUnit;

/** Lets so many bytes through a second, in the order of those who ask. Thread-safe. */
final class Pace {
  /** What may go at once after a pause. */
  private static final long BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private final long bytesPerSecond;
  private long freeAtNanos = System.nanoTime();

  Pace(long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /** Waits until {@code bytes} may go. */
  void take(int bytes) throws InterruptedException {
    long wait;
    synchronized (this) {
      long now = System.nanoTime();
      freeAtNanos =
          Math.max(freeAtNanos, now - BURST_NANOS)
              + TimeUnit.SECONDS.toNanos(bytes) / bytesPerSecond;
      wait = freeAtNanos - now;
    }
    if (wait > 0) {
      TimeUnit.NANOSECONDS.sleep(wait);
    }
  }
}
