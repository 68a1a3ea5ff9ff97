package org.skerry.transfer.limit;

/**
 * A token bucket that is paid behind: bytes may pass while nothing is owed, and what passed is owed
 * until the rate has paid it. So a chunk that is larger than a second's share passes in one piece
 * and the average holds. What nobody used is saved for a fifth of a second only. Sans-IO; its owner
 * locks.
 */
final class Bucket {
  private static final double SAVED_SECONDS = 0.2;

  private long bytesPerSecond;
  private double tokens;
  private long atMs;

  Bucket(long bytesPerSecond, long nowMs) {
    this.bytesPerSecond = bytesPerSecond;
    this.atMs = nowMs;
  }

  void rate(long newBytesPerSecond, long nowMs) {
    refill(nowMs);
    bytesPerSecond = newBytesPerSecond;
    tokens = isOpen() ? 0 : Math.min(tokens, most());
  }

  /** When the next bytes may pass: {@code nowMs} when at once. */
  long freeAtMs(long nowMs) {
    refill(nowMs);
    return tokens >= 0 ? nowMs : nowMs + (long) Math.ceil(-tokens * 1000 / bytesPerSecond);
  }

  /** Bytes passed; fewer than zero did not pass after all. */
  void spend(long bytes) {
    if (!isOpen()) {
      tokens = Math.min(most(), tokens - bytes);
    }
  }

  private void refill(long nowMs) {
    if (nowMs > atMs) {
      if (!isOpen()) {
        tokens = Math.min(most(), tokens + bytesPerSecond * (nowMs - atMs) / 1000.0);
      }
      atMs = nowMs;
    }
  }

  private double most() {
    return bytesPerSecond * SAVED_SECONDS;
  }

  private boolean isOpen() {
    return bytesPerSecond == Rates.ANY;
  }
}
