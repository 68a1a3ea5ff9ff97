package org.skerry.transfer.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;
import org.skerry.transfer.SourceId;
import org.skerry.transfer.limit.DownloadBudget.Answer;

/** A fetch that always wants more, in simulated time. */
class DownloadBudgetTest {
  private static final int CHUNK = 256 * 1024;
  private static final SourceId SOURCE =
      new SourceId.Peer(new PeerId(Multihash.sha256(new byte[] {1})));
  private static final Rates LOW = new Rates(4L << 20, Rates.ANY);

  private long nowMs;

  @Test
  void aNewRateHoldsOverTheNextTenSeconds() {
    for (long rate : List.of(Rates.ANY, 100L << 20, 256L << 10)) {
      nowMs = 0;
      DownloadBudget budget = new DownloadBudget(new Rates(rate, rate), Quota.none(), 0);
      takeUntil(10_000, budget);
      budget.set(LOW, nowMs);
      double share = (double) takeUntil(20_000, budget) / (40 << 20);
      assertThat(share).as("after %s", rate).isBetween(0.95, 1.05);
    }
  }

  @Test
  void whatWasSavedUnderAHigherRateIsNotSpentUnderALower() {
    DownloadBudget budget = new DownloadBudget(new Rates(100L << 20, 100L << 20), Quota.none(), 0);
    takeUntil(1_000, budget);
    nowMs = 10_000;
    budget.set(LOW, nowMs);
    assertThat(takeUntil(10_001, budget)).isLessThanOrEqualTo((4 << 20) / 5 + CHUNK);
  }

  @Test
  void whatOtherRatesPaidForIsNotPaidBackByThese() {
    DownloadBudget budget = new DownloadBudget(Rates.UNLIMITED, Quota.none(), 0);
    nowMs = 1_000;
    for (int i = 0; i < 100; i++) {
      assertThat(budget.take(SOURCE, CHUNK, nowMs)).isEqualTo(Answer.YES);
    }
    nowMs = 2_000;
    budget.set(LOW, nowMs);
    long taken = 0;
    for (int i = 1; i <= 100; i++) {
      taken += takeUntil(2_000 + i * 100, budget);
      budget.giveBack(SOURCE, CHUNK, 1_000, nowMs);
    }
    assertThat((double) taken / (40 << 20)).isBetween(0.95, 1.05);
  }

  @Test
  void whatDoesNotComeMayBeAskedForAgain() {
    DownloadBudget budget = new DownloadBudget(LOW, Quota.none(), 0);
    assertThat(budget.take(SOURCE, CHUNK, 0)).isEqualTo(Answer.YES);
    assertThat(budget.take(SOURCE, CHUNK, 1)).isEqualTo(Answer.LATER);
    budget.giveBack(SOURCE, CHUNK, 0, 1);
    assertThat(budget.take(SOURCE, CHUNK, 1)).isEqualTo(Answer.YES);
  }

  /** Asks in every millisecond for as much as it gets, or for 100 chunks. */
  private long takeUntil(long endMs, DownloadBudget budget) {
    long bytes = 0;
    for (; nowMs < endMs; nowMs++) {
      for (int i = 0; i < 100 && budget.take(SOURCE, CHUNK, nowMs) == Answer.YES; i++) {
        bytes += CHUNK;
      }
    }
    return bytes;
  }
}
