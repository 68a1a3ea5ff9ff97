package org.skerry.dht.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.dht.limit.FairBudget.Verdict;
import org.skerry.dht.routing.Origin;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

class FairBudgetTest {
  private static final Origin HERE = new Origin("0b01");

  private static PeerId peer(int i) {
    return new PeerId(Multihash.sha256(ByteBuffer.allocate(4).putInt(i).array()));
  }

  @Test
  void takesNothingFromTheOriginForAPeerBeyondItsOwnShare() {
    FairBudget budget = new FairBudget(1, 2);
    for (int i = 0; i < 100; i++) {
      budget.take(peer(1), HERE, 0);
    }
    assertThat(budget.take(peer(1), HERE, 0)).isEqualTo(Verdict.PEER_EXHAUSTED);
    for (int i = 0; i < 6; i++) {
      assertThat(budget.take(peer(2 + i / 2), HERE, 0)).isEqualTo(Verdict.GRANTED);
    }
    assertThat(budget.take(peer(9), HERE, 0)).isEqualTo(Verdict.ORIGIN_EXHAUSTED);
  }

  @Test
  void savesUpNoMoreThanTheBurstAndFillsNothingWhenTheClockIsSetBack() {
    FairBudget budget = new FairBudget(1, 2);
    budget.take(peer(1), HERE, 10_000);
    budget.take(peer(1), HERE, 10_000);
    assertThat(budget.take(peer(1), HERE, 0)).isEqualTo(Verdict.PEER_EXHAUSTED);
    assertThat(budget.take(peer(1), HERE, 3_600_000)).isEqualTo(Verdict.GRANTED);
    assertThat(budget.take(peer(1), HERE, 3_600_000)).isEqualTo(Verdict.GRANTED);
    assertThat(budget.take(peer(1), HERE, 3_600_000)).isEqualTo(Verdict.PEER_EXHAUSTED);
  }

  /** The property that matters: no number of ids gets more out of one place than its share. */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void grantsAnOriginNoMoreThanItsShareWhateverItDoes(long seed) {
    Random random = new Random(seed);
    FairBudget budget = new FairBudget(10, 50);
    long nowMs = 0;
    long granted = 0;
    for (int i = 0; i < 50_000; i++) {
      nowMs += random.nextInt(3);
      granted += budget.take(peer(random.nextInt(1 << 20)), HERE, nowMs) == Verdict.GRANTED ? 1 : 0;
    }
    double share = FairBudget.PEERS_PER_ORIGIN * (50 + 10 * nowMs / 1000.0);
    assertThat((double) granted).isBetween(share - 1, share + 1);
    assertThat(budget.size()).isLessThanOrEqualTo(FairBudget.MAX_REMEMBERED + 1);
  }

  @Test
  void remembersABoundedNumberOfPeersAndOrigins() {
    FairBudget budget = new FairBudget(1, 1);
    for (int i = 0; i < 20_000; i++) {
      budget.take(peer(i), new Origin("place " + i), 0);
    }
    assertThat(budget.size()).isEqualTo(2 * FairBudget.MAX_REMEMBERED);
  }
}
