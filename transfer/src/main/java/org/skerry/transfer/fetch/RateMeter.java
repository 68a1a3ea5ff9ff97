package org.skerry.transfer.fetch;

/**
 * A smoothed rate: bytes weighted by {@code exp(-age / τ)}, divided by the weight of the time since
 * the start, so that it is right from the first second on. Single owner.
 */
final class RateMeter {
  private final double tauMs;
  private final long startMs;
  private double weighted;
  private long lastMs;

  RateMeter(long tauMs, long nowMs) {
    this.tauMs = tauMs;
    this.startMs = nowMs;
    this.lastMs = nowMs;
  }

  void add(long bytes, long nowMs) {
    decay(nowMs);
    weighted += bytes;
  }

  double bytesPerSecond(long nowMs) {
    decay(nowMs);
    double windowMs = tauMs * (1 - Math.exp(-Math.max(1, nowMs - startMs) / tauMs));
    return weighted * 1000 / windowMs;
  }

  private void decay(long nowMs) {
    if (nowMs > lastMs) {
      weighted *= Math.exp(-(nowMs - lastMs) / tauMs);
      lastMs = nowMs;
    }
  }
}
