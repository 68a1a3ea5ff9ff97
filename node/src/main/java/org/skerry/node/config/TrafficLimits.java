package org.skerry.node.config;

import java.time.Duration;
import java.util.Optional;
import org.skerry.transfer.limit.Quota;
import org.skerry.transfer.limit.Rates;

/**
 * What blobs may take of the owner's line.
 *
 * @param whileActive the rates while the owner is at the computer, when they are others
 */
public record TrafficLimits(
    Rates upload,
    Quota.Limits uploadQuota,
    Rates download,
    Quota.Limits downloadQuota,
    Optional<WhileActive> whileActive) {
  public static final TrafficLimits NONE =
      new TrafficLimits(
          Rates.UNLIMITED, Quota.Limits.NONE, Rates.UNLIMITED, Quota.Limits.NONE, Optional.empty());

  /**
   * Rates that hold until the owner is away.
   *
   * @param awayAfter how long without input
   */
  public record WhileActive(Rates upload, Rates download, Duration awayAfter) {}
}
