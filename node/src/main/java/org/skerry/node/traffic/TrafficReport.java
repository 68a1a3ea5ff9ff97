package org.skerry.node.traffic;

import org.jspecify.annotations.Nullable;
import org.skerry.transfer.limit.Quota;
import org.skerry.transfer.limit.Rates;

/** What passed of blobs' chunks today and in this month, and the owner's limits. */
public record TrafficReport(Direction upload, Direction download) {
  /**
   * One direction.
   *
   * @param bytesToday that passed
   * @param bytesThisMonth that passed
   * @param bytesPerSecond the limit, null for none
   * @param quotaOfDay bytes, null for none
   * @param quotaOfMonth bytes, null for none
   */
  public record Direction(
      long bytesToday,
      long bytesThisMonth,
      @Nullable Long bytesPerSecond,
      @Nullable Long quotaOfDay,
      @Nullable Long quotaOfMonth) {
    static Direction of(Rates rates, Quota quota) {
      Quota.Used used = quota.used();
      return new Direction(
          used.inDay(),
          used.inMonth(),
          limit(rates.total()),
          limit(quota.limits().day()),
          limit(quota.limits().month()));
    }

    private static @Nullable Long limit(long bytes) {
      return bytes == Rates.ANY ? null : bytes;
    }

    /** Whether the owner set any limit. */
    public boolean isLimited() {
      return bytesPerSecond != null || quotaOfDay != null || quotaOfMonth != null;
    }
  }
}
