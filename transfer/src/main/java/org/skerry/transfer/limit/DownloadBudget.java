package org.skerry.transfer.limit;

import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import org.skerry.transfer.SourceId;

/**
 * What all fetches of a node together may ask sources for: a chunk is paid for when it is asked
 * for, so that what they send was allowed before. All folders of a web server count as one peer.
 * Sans-IO, thread-safe.
 */
public final class DownloadBudget {
  /** Whether a chunk may be asked for. */
  public enum Answer {
    YES,
    /** Not yet: the rate says so, or everything is held. */
    LATER,
    /** Not today: the quota says so. */
    SPENT
  }

  private final Quota quota;
  private final Buckets<SourceId> buckets;
  private long changedAtMs = Long.MIN_VALUE;
  private boolean held;

  /**
   * @param nowMs on the clock that {@link #take} is called with
   */
  public DownloadBudget(Rates rates, Quota quota, long nowMs) {
    this.quota = quota;
    this.buckets = new Buckets<>(rates, nowMs);
  }

  /** A budget that allows everything. */
  public static DownloadBudget unlimited() {
    return new DownloadBudget(Rates.UNLIMITED, Quota.none(), 0);
  }

  /** Other rates hold from now on; what was asked for before still comes. */
  public synchronized void set(Rates rates, long nowMs) {
    if (!rates.equals(buckets.rates())) {
      buckets.set(rates, nowMs);
      changedAtMs = nowMs;
    }
  }

  /** Whether nothing may be asked for until further notice; what was asked for still comes. */
  public synchronized void hold(boolean newHeld) {
    held = newHeld;
  }

  public synchronized Answer take(SourceId source, int bytes, long nowMs) {
    if (held) {
      return Answer.LATER;
    }
    SourceId payer = source.payer();
    if (buckets.freeAtMs(payer, nowMs) > nowMs) {
      return Answer.LATER;
    }
    if (!quota.spend(bytes)) {
      return Answer.SPENT;
    }
    buckets.spend(payer, bytes, nowMs);
    return Answer.YES;
  }

  /**
   * What was asked for does not come. What was asked for under other rates is no more of these:
   * that would be a burst, since under higher ones it cost less time.
   *
   * @param takenAtMs when it was asked for
   */
  public synchronized void giveBack(SourceId source, int bytes, long takenAtMs, long nowMs) {
    quota.giveBack(bytes);
    if (takenAtMs > changedAtMs) {
      buckets.spend(source.payer(), -bytes, nowMs);
    }
  }

  /** For people: that the quota is spent, and until when. */
  public String spentText() {
    return "the download quota is spent until "
        + DateTimeFormatter.ofLocalizedDateTime(FormatStyle.SHORT).format(quota.renewedAt());
  }
}
