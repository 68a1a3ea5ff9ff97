package org.skerry.libp2p.host;

import java.util.LinkedHashMap;
import java.util.Map;
import org.skerry.libp2p.Subnet;

/**
 * How often new connections come from each place: a token bucket for each of those that were heard
 * of last. Not thread-safe.
 */
final class InboundRates {
  private static final long SECOND = 1_000_000_000L;

  /**
   * A place that is forgotten begins anew with a full bucket, which is what it has after a while.
   */
  private static final int MAX_PLACES = 4096;

  private final long burstNanos;
  private final long costNanos;

  /** When each place's bucket is, or was, full again. */
  private final Map<Subnet, Long> fullAt =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Subnet, Long> eldest) {
          return size() > MAX_PLACES;
        }
      };

  InboundRates(int burst, int perSecond) {
    this.costNanos = SECOND / perSecond;
    this.burstNanos = burst * costNanos;
  }

  /** Takes one from the place's bucket; false when that is empty. */
  boolean take(Subnet place, long nowNanos) {
    long before = fullAt.getOrDefault(place, nowNanos);
    long after = (before - nowNanos > 0 ? before : nowNanos) + costNanos;
    if (after - nowNanos > burstNanos) {
      return false;
    }
    fullAt.put(place, after);
    return true;
  }
}
