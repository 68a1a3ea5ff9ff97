package org.skerry.transfer.limit;

import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import org.skerry.libp2p.PeerId;

/**
 * What all fetches of a node together may ask peers for: a chunk is paid for when it is asked for,
 * so that what peers send was allowed before. Sans-IO, thread-safe.
 */
public final class DownloadBudget {
  /** Whether a chunk may be asked for. */
  public enum Answer {
    YES,
    /** Not yet: the rate says so. */
    LATER,
    /** Not today: the quota says so. */
    SPENT
  }

  private final Quota quota;
  private final Buckets buckets;

  /**
   * @param nowMs on the clock that {@link #take} is called with
   */
  public DownloadBudget(Rates rates, Quota quota, long nowMs) {
    this.quota = quota;
    this.buckets = new Buckets(rates, nowMs);
  }

  /** A budget that allows everything. */
  public static DownloadBudget unlimited() {
    return new DownloadBudget(Rates.UNLIMITED, Quota.none(), 0);
  }

  public synchronized void set(Rates rates, long nowMs) {
    buckets.set(rates, nowMs);
  }

  public synchronized Answer take(PeerId peer, int bytes, long nowMs) {
    if (buckets.freeAtMs(peer, nowMs) > nowMs) {
      return Answer.LATER;
    }
    if (!quota.spend(bytes)) {
      return Answer.SPENT;
    }
    buckets.spend(peer, bytes, nowMs);
    return Answer.YES;
  }

  /** What was asked for does not come. */
  public synchronized void giveBack(PeerId peer, int bytes, long nowMs) {
    quota.giveBack(bytes);
    buckets.spend(peer, -bytes, nowMs);
  }

  /** For people: that the quota is spent, and until when. */
  public String spentText() {
    return "the download quota is spent until "
        + DateTimeFormatter.ofLocalizedDateTime(FormatStyle.SHORT).format(quota.renewedAt());
  }
}
