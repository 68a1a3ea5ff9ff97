package org.skerry.transfer.fetch;

/** What came from all sources together, by which one of them is judged silent or slow. */
final class Pace {
  private static final double TOO_SLOW = 0.25;

  /**
   * On a thin line, what the others must have brought, each, before one of them is silent or slow:
   * bytes come in pieces of up to 64 KiB, and many sources take long to bring the next.
   */
  private static final long FAIR_BYTES = 128 << 10;

  private long heardBytes;
  private long heardAtMs = Long.MIN_VALUE / 2;

  void heard(long bytes) {
    heardBytes += bytes;
  }

  /** What came is progress, and not a byte now and then. */
  void progressed(long nowMs) {
    heardAtMs = nowMs;
  }

  long heardBytes() {
    return heardBytes;
  }

  /** When a source last made progress. */
  long heardAtMs() {
    return heardAtMs;
  }

  /** Whether a source brought nothing for so long, while others did or nobody did. */
  boolean isSilent(Source source, long forMs, int activeSources, long nowMs) {
    return nowMs - source.progressAtMs > forMs
        && (nowMs - heardAtMs > forMs || broughtFairly(source, activeSources));
  }

  /** Whether a source is far slower, and not only between two pieces of its own. */
  boolean isMuchSlower(Source source, Source than, int activeSources, long nowMs) {
    return broughtFairly(source, activeSources)
        && source.bytesPerSecond(nowMs) < TOO_SLOW * than.bytesPerSecond(nowMs);
  }

  /** Whether since its last progress enough came for every source to have brought its part. */
  private boolean broughtFairly(Source source, int activeSources) {
    return heardBytes - source.heardByAllAtProgress > FAIR_BYTES * activeSources;
  }
}
