package org.skerry.node.estimate;

/**
 * How fast this computer trains something.
 *
 * @param peakBytes the most memory that the worker had while it was measured, 0 when unknown
 * @param atMs when it was found out
 * @param trained whether a real training told it, rather than a short measurement
 */
public record Speed(double samplesPerSecond, long peakBytes, long atMs, boolean trained) {
  public Speed {
    if (!(samplesPerSecond > 0 && samplesPerSecond < 1e12)) {
      throw new IllegalArgumentException("speed of " + samplesPerSecond + " samples/s");
    }
  }
}
