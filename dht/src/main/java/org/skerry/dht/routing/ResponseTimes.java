package org.skerry.dht.routing;

/**
 * How long peers take to answer, and so after how long one is slow: the smoothed mean and four
 * times the mean deviation, as TCP sets its timer (RFC 6298, section 2). Thread-safe.
 */
public final class ResponseTimes {
  private static final double MEAN_GAIN = 1.0 / 8;
  private static final double DEVIATION_GAIN = 1.0 / 4;
  private static final long LEAST_MS = 100;

  private final long mostMs;
  private double meanMs = -1;
  private double deviationMs;

  /**
   * @param mostMs how long a peer may take before it is slow, whatever was measured
   */
  public ResponseTimes(long mostMs) {
    this.mostMs = mostMs;
  }

  /** A peer answered after so long, dialling included. */
  public synchronized void note(long tookMs) {
    if (meanMs < 0) {
      meanMs = tookMs;
      deviationMs = tookMs / 2.0;
    } else {
      deviationMs += DEVIATION_GAIN * (Math.abs(meanMs - tookMs) - deviationMs);
      meanMs += MEAN_GAIN * (tookMs - meanMs);
    }
  }

  /** After how long a peer is slow. */
  public synchronized long slowMs() {
    return meanMs < 0
        ? mostMs
        : Math.clamp(Math.round(meanMs + 4 * deviationMs), Math.min(LEAST_MS, mostMs), mostMs);
  }
}
