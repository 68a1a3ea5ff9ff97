package org.skerry.node.config;

import org.skerry.transfer.limit.Quota;
import org.skerry.transfer.limit.Rates;

/** What blobs may take of the owner's line. */
public record TrafficLimits(
    Rates upload, Quota.Limits uploadQuota, Rates download, Quota.Limits downloadQuota) {
  public static final TrafficLimits NONE =
      new TrafficLimits(Rates.UNLIMITED, Quota.Limits.NONE, Rates.UNLIMITED, Quota.Limits.NONE);
}
