package org.skerry.simulation.claim;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.skerry.board.claim.Duty;
import org.skerry.libp2p.multiformats.Cid;

/**
 * Counts, for every unit, who has a claim on it and who works on it, and what came of the time. All
 * times are those of the simulation.
 */
final class Ledger {
  private final int redundancy;
  private final int[] claimers;
  private final int[] workers;
  private final long[] changedAtMs;
  private final long[] unclaimedSinceMs;
  private final long[] idleSinceMs;
  private final boolean[] claimedOnce;
  private final boolean[] workedOnce;

  private final Map<Cid, Integer> strangers = new HashMap<>();

  long workingMs;
  long overlapMs;
  long missingMs;
  long longestUnclaimedMs;
  long longestIdleMs;
  long lostMs;
  long aliveMs;
  long measuringMs;
  long keepingMs;
  int posts;
  int deaths;

  Ledger(int units, int redundancy, long nowMs) {
    this.redundancy = redundancy;
    this.claimers = new int[units];
    this.workers = new int[units];
    this.changedAtMs = new long[units];
    this.unclaimedSinceMs = new long[units];
    this.idleSinceMs = new long[units];
    this.claimedOnce = new boolean[units];
    this.workedOnce = new boolean[units];
    Arrays.fill(changedAtMs, nowMs);
  }

  void claims(int unit, int more, long nowMs) {
    if (claimers[unit] == 0 && more > 0 && claimedOnce[unit]) {
      longestUnclaimedMs = Math.max(longestUnclaimedMs, nowMs - unclaimedSinceMs[unit]);
    }
    claimedOnce[unit] = true;
    claimers[unit] += more;
    if (claimers[unit] == 0) {
      unclaimedSinceMs[unit] = nowMs;
      // Who claimed a unit and died before it worked leaves it to the next one, from now.
      idleSinceMs[unit] = nowMs;
    }
  }

  void works(int unit, int more, long nowMs) {
    account(unit, nowMs);
    if (workers[unit] == 0 && more > 0 && workedOnce[unit]) {
      longestIdleMs = Math.max(longestIdleMs, nowMs - idleSinceMs[unit]);
    }
    workedOnce[unit] = true;
    workers[unit] += more;
    if (workers[unit] == 0) {
      idleSinceMs[unit] = nowMs;
    }
  }

  private void account(int unit, long nowMs) {
    long forMs = nowMs - changedAtMs[unit];
    changedAtMs[unit] = nowMs;
    workingMs += forMs * workers[unit];
    overlapMs += forMs * Math.max(0, workers[unit] - redundancy);
    missingMs += forMs * Math.max(0, redundancy - workers[unit]);
  }

  /** Counts the time of measuring a manifest, unless enough others have done it. */
  void measured(Cid manifest, boolean named, long forMs) {
    if (named || strangers.merge(manifest, 1, Integer::sum) <= Duty.WANTED_STRANGERS) {
      measuringMs += forMs;
    }
  }

  /** Brings the sums up to now. */
  void close(long nowMs) {
    for (int unit = 0; unit < workers.length; unit++) {
      account(unit, nowMs);
    }
  }

  /** The part of all units that have exactly their workers. */
  double exact() {
    return (double) Arrays.stream(workers).filter(count -> count == redundancy).count()
        / workers.length;
  }
}
