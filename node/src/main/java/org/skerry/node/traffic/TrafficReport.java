package org.skerry.node.traffic;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.skerry.node.presence.PresenceWatch;
import org.skerry.transfer.limit.Quota;
import org.skerry.transfer.limit.Rates;

/**
 * What passed of blobs' chunks today and in this month, and the owner's limits.
 *
 * @param owner null where no rates depend on whether the owner is at the computer
 */
public record TrafficReport(Direction upload, Direction download, @Nullable Owner owner) {
  /**
   * One direction.
   *
   * @param bytesToday that passed
   * @param bytesThisMonth that passed
   * @param bytesPerSecond the limit of now, null for none
   * @param bytesPerSecondPerPeer the limit of now to any one peer, null for none
   * @param quotaOfDay bytes, null for none
   * @param quotaOfMonth bytes, null for none
   */
  public record Direction(
      long bytesToday,
      long bytesThisMonth,
      @Nullable Long bytesPerSecond,
      @Nullable Long bytesPerSecondPerPeer,
      @Nullable Long quotaOfDay,
      @Nullable Long quotaOfMonth) {
    static Direction of(Rates rates, Quota quota) {
      Quota.Used used = quota.used();
      return new Direction(
          used.inDay(),
          used.inMonth(),
          limit(rates.total()),
          limit(rates.perPeer()),
          limit(quota.limits().day()),
          limit(quota.limits().month()));
    }

    private static @Nullable Long limit(long bytes) {
      return bytes == Rates.ANY ? null : bytes;
    }

    /** Whether the owner set any limit. */
    public boolean isLimited() {
      return bytesPerSecond != null
          || bytesPerSecondPerPeer != null
          || quotaOfDay != null
          || quotaOfMonth != null;
    }
  }

  /**
   * Whether the owner is at the computer.
   *
   * @param state {@code active}, {@code away} or {@code unknown}
   * @param reason for people: how that is known, or why it is not
   * @param sinceMs since when, in milliseconds since 1970
   * @param whileActive whether the rates for his presence hold, and not the usual ones
   */
  public record Owner(String state, String reason, long sinceMs, boolean whileActive) {
    static Owner of(PresenceWatch.Seen seen, boolean whileActive) {
      return new Owner(
          seen.presence().state().name().toLowerCase(Locale.ROOT),
          seen.presence().reason(),
          seen.since().toEpochMilli(),
          whileActive);
    }
  }
}
