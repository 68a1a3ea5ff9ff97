package org.skerry.transfer.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.ChunkSet;
import org.skerry.transfer.SourceId;
import org.skerry.transfer.TransferException.Reason;
import org.skerry.transfer.WebSeed;
import org.skerry.transfer.fetch.SimulatedFetch.Manner;
import org.skerry.transfer.limit.DownloadBudget;
import org.skerry.transfer.limit.MemoryBooks;
import org.skerry.transfer.limit.Quota;
import org.skerry.transfer.limit.Rates;

/** Whole fetches in simulated time: no thread, socket or file. */
class FetchPlanTest {
  private static final int CHUNKS = SimulatedFetch.CHUNKS;

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void completesFromOneHonestSourceAmongFiftyOthersThatLieStallOrVanish(long seed) {
    SimulatedFetch simulation = new SimulatedFetch(seed);
    for (int i = 0; i < 50; i++) {
      simulation.peer(
          Manner.values()[1 + i % (Manner.values().length - 1)], 40, ChunkSet.all(CHUNKS));
    }
    SourceId honest = simulation.peer(Manner.HONEST, 40, ChunkSet.all(CHUNKS));
    simulation.run(3_600_000);
    assertThat(simulation.completed).as("seed %s", seed).isTrue();
    assertThat(simulation.plan.banned()).doesNotContain(honest).isNotEmpty();
    assertThat(simulation.liesPerPeer.values()).allMatch(lies -> lies == 1);
  }

  @Test
  void usesAllSourcesInProportionToTheirRate() {
    SimulatedFetch simulation = new SimulatedFetch(1);
    SourceId fast = simulation.peer(Manner.HONEST, 10, ChunkSet.all(CHUNKS));
    SourceId slow = simulation.peer(Manner.HONEST, 40, ChunkSet.all(CHUNKS));
    simulation.run(60_000);
    assertThat(simulation.completed).isTrue();
    double ratio =
        (double) simulation.delivered.getOrDefault(fast, 0)
            / Math.max(1, simulation.delivered.getOrDefault(slow, 0));
    assertThat(ratio).isBetween(2.5, 6.0);
    // Both together need 400 / (1/10 + 1/40) = 3200 ms.
    assertThat(simulation.nowMs).isLessThan(4_000);
    assertThat(simulation.duplicates).isLessThan(20);
  }

  @Test
  void asksAFastSourceForManyChunksAtOnce() {
    SimulatedFetch simulation = new SimulatedFetch(1);
    simulation.peer(Manner.HONEST, 4, ChunkSet.all(CHUNKS));
    simulation.run(60_000);
    assertThat(simulation.completed).isTrue();
    assertThat(simulation.requests).isLessThan(CHUNKS / 5);
  }

  @Test
  void anIdleFastSourceTakesOverTheLastChunksOfASlowOne() {
    SimulatedFetch simulation = new SimulatedFetch(2);
    simulation.peer(Manner.HONEST, 10, ChunkSet.all(CHUNKS));
    simulation.peer(Manner.HONEST, 8_000, ChunkSet.all(CHUNKS));
    simulation.run(60_000);
    assertThat(simulation.completed).isTrue();
    assertThat(simulation.nowMs).isLessThan(7_000);
  }

  @Test
  void asksInOrderWhileAllSourcesAreWhole() {
    SimulatedFetch simulation = new SimulatedFetch(3);
    simulation.peer(Manner.HONEST, 10, ChunkSet.all(CHUNKS));
    simulation.run(60_000);
    assertThat(simulation.order).isSorted().hasSize(CHUNKS);
  }

  @Test
  void asksTheWholeSourceForWhatThePartialOneLacks() {
    BitSet half = new BitSet();
    half.set(0, CHUNKS / 2);
    SimulatedFetch simulation = new SimulatedFetch(4);
    SourceId whole = simulation.peer(Manner.HONEST, 10, ChunkSet.all(CHUNKS));
    SourceId partial = simulation.peer(Manner.HONEST, 10, ChunkSet.of(CHUNKS, half));
    simulation.run(60_000);
    assertThat(simulation.completed).isTrue();
    assertThat(simulation.delivered.get(partial)).isBetween(170, 215);
    assertThat(simulation.delivered.get(whole)).isBetween(195, 240);
  }

  @Test
  void asksForPlanesWhereTheLineIsSlowOrNotMeasuredYet() {
    SimulatedFetch simulation = new SimulatedFetch(8);
    SourceId fast = simulation.peer(Manner.HONEST, 1, ChunkSet.all(CHUNKS));
    SourceId slow = simulation.peer(Manner.HONEST, 20, ChunkSet.all(CHUNKS));
    simulation.run(60_000);
    assertThat(simulation.planes.get(slow)).containsOnly(true).hasSizeGreaterThan(4);
    List<Boolean> ofFast = Objects.requireNonNull(simulation.planes.get(fast));
    assertThat(ofFast.subList(0, 2)).containsOnly(true);
    assertThat(ofFast.subList(2, ofFast.size())).containsOnly(false).hasSizeGreaterThan(200);
  }

  @Test
  void reportsWhatNobodyHasWithinTenSecondsAndGivesUp() {
    BitSet most = new BitSet();
    most.set(0, CHUNKS - 12);
    SimulatedFetch simulation = new SimulatedFetch(5);
    simulation.peer(Manner.HONEST, 1, ChunkSet.of(CHUNKS, most));
    simulation.run(600_000);
    assertThat(simulation.completed).isFalse();
    assertThat(simulation.stalls).isNotEmpty();
    assertThat(simulation.stalls.getFirst().message())
        .isEqualTo("no source has the last 12 chunks");
    assertThat(simulation.firstStallMs - simulation.lastDeliveryMs).isLessThanOrEqualTo(10_000);
    assertThat(simulation.failure).isEqualTo(List.of(Reason.STALLED));
    assertThat(simulation.nowMs).isLessThan(140_000);
  }

  @Test
  void asksNoFasterThanTheRateAndSharesItBetweenSources() {
    long rate = 10L * BlobHead.CHUNK_BYTES;
    DownloadBudget budget = new DownloadBudget(new Rates(rate, Rates.ANY), Quota.none(), 0);
    SimulatedFetch simulation = new SimulatedFetch(8, FetchLimits.DEFAULT, budget);
    SourceId one = simulation.peer(Manner.HONEST, 5, ChunkSet.all(CHUNKS));
    SourceId other = simulation.peer(Manner.HONEST, 5, ChunkSet.all(CHUNKS));
    simulation.run(120_000);
    assertThat(simulation.completed).isTrue();
    // Forty seconds by the rate: within 5 % over any ten of them.
    assertThat(simulation.nowMs).isBetween(38_500L, 41_500L);
    assertThat(simulation.mostWithin(10_000)).isLessThanOrEqualTo(105);
    assertThat(simulation.stalls).isEmpty();
    assertThat(simulation.delivered.getOrDefault(one, 0)).isGreaterThan(CHUNKS / 20);
    assertThat(simulation.delivered.getOrDefault(other, 0)).isGreaterThan(CHUNKS / 20);
  }

  @Test
  void whatIsHeldForLongIsNoStallAndGoesOnAfterwards() {
    DownloadBudget budget = DownloadBudget.unlimited();
    SimulatedFetch simulation = new SimulatedFetch(15, FetchLimits.DEFAULT, budget);
    simulation.peer(Manner.HONEST, 100, ChunkSet.all(CHUNKS));
    simulation.at(5_000, () -> budget.hold(true));
    simulation.at(3_600_000, () -> budget.hold(false));
    simulation.run(4_000_000);
    assertThat(simulation.completed).isTrue();
    assertThat(simulation.stalls).isEmpty();
    assertThat(simulation.deliveredBetween(0, 10_000)).isPositive();
    assertThat(simulation.deliveredBetween(10_000, 3_600_000)).isZero();
  }

  @Test
  void aRateThatChangesMidwayHoldsFromThenOn() {
    long chunk = BlobHead.CHUNK_BYTES;
    DownloadBudget budget = new DownloadBudget(new Rates(20 * chunk, Rates.ANY), Quota.none(), 0);
    SimulatedFetch simulation = new SimulatedFetch(14, FetchLimits.DEFAULT, budget);
    simulation.peer(Manner.HONEST, 5, ChunkSet.all(CHUNKS));
    simulation.peer(Manner.HONEST, 5, ChunkSet.all(CHUNKS));
    simulation.at(5_000, () -> budget.set(new Rates(5 * chunk, Rates.ANY), 5_000));
    simulation.at(25_000, () -> budget.set(new Rates(20 * chunk, Rates.ANY), 25_000));
    simulation.run(120_000);
    assertThat(simulation.completed).isTrue();
    assertThat(simulation.deliveredBetween(0, 5_000)).isBetween(95, 105);
    assertThat(simulation.deliveredBetween(5_000, 15_000)).isBetween(46, 54);
    assertThat(simulation.deliveredBetween(15_000, 25_000)).isBetween(48, 52);
    // Two hundred are left, and ten seconds.
    assertThat(simulation.nowMs).isBetween(34_000L, 36_000L);
    assertThat(simulation.deliveredBetween(25_000, 35_000)).isLessThanOrEqualTo(210);
    assertThat(simulation.stalls).isEmpty();
  }

  @Test
  void asksNoPeerForMoreThanItsShare() {
    long rate = 10L * BlobHead.CHUNK_BYTES;
    DownloadBudget budget = new DownloadBudget(new Rates(Rates.ANY, rate), Quota.none(), 0);
    SimulatedFetch simulation = new SimulatedFetch(9, FetchLimits.DEFAULT, budget);
    for (int i = 0; i < 4; i++) {
      simulation.peer(Manner.HONEST, 5, ChunkSet.all(CHUNKS));
    }
    simulation.run(120_000);
    assertThat(simulation.completed).isTrue();
    assertThat(simulation.nowMs).isBetween(9_000L, 11_000L);
    assertThat(simulation.delivered.values()).allMatch(chunks -> chunks <= 110);
  }

  @Test
  void theSlowestRateIsNoStall() {
    DownloadBudget budget =
        new DownloadBudget(new Rates(Rates.SLOWEST, Rates.ANY), Quota.none(), 0);
    SimulatedFetch simulation = new SimulatedFetch(10, FetchLimits.DEFAULT, budget);
    simulation.peer(Manner.HONEST, 5, ChunkSet.all(CHUNKS));
    simulation.run(400_000);
    assertThat(simulation.stalls).isEmpty();
    assertThat(simulation.failure).isEmpty();
    assertThat(simulation.order.size()).isBetween(48, 52);
  }

  @Test
  void endsTypedWhenTheQuotaIsSpent() {
    long day = 100L * BlobHead.CHUNK_BYTES;
    Quota quota =
        new Quota(
            new Quota.Limits(day, Rates.ANY),
            () -> Instant.parse("2026-03-30T12:00:00Z"),
            ZoneOffset.UTC,
            new MemoryBooks());
    SimulatedFetch simulation =
        new SimulatedFetch(11, FetchLimits.DEFAULT, new DownloadBudget(Rates.UNLIMITED, quota, 0));
    simulation.peer(Manner.HONEST, 5, ChunkSet.all(CHUNKS));
    simulation.run(120_000);
    assertThat(simulation.failure).isEqualTo(List.of(Reason.QUOTA_SPENT));
    assertThat(simulation.order).hasSize(100);
    assertThat(quota.used().inDay()).isEqualTo(day);
  }

  @Test
  void endsTypedWhenNobodyIsFound() {
    SimulatedFetch simulation = new SimulatedFetch(6);
    simulation.run(600_000);
    assertThat(simulation.failure).isEqualTo(List.of(Reason.NO_SOURCES));
    assertThat(simulation.firstStallMs).isLessThanOrEqualTo(10_000);
  }

  @Test
  void replacesASlowSourceWhenOthersWait() {
    SimulatedFetch simulation =
        new SimulatedFetch(7, new FetchLimits(2, 64, 8_000, 30_000, 8_000, 120_000));
    SourceId slow = simulation.peer(Manner.HONEST, 2_000, ChunkSet.all(CHUNKS));
    simulation.peer(Manner.HONEST, 100, ChunkSet.all(CHUNKS));
    simulation.peer(Manner.HONEST, 100, ChunkSet.all(CHUNKS));
    simulation.run(120_000);
    assertThat(simulation.completed).isTrue();
    assertThat(simulation.delivered.getOrDefault(slow, 0)).isLessThan(12);
    assertThat(simulation.nowMs).isLessThan(36_000);
  }

  @Test
  void keepsASourceThatBringsAChunkBetweenThoseItLacks() {
    BlobHead head =
        new BlobHead((long) CHUNKS * BlobHead.CHUNK_BYTES, Multihash.sha256(new byte[] {1}));
    PeerId id = new PeerId(Multihash.sha256(new byte[] {2}));
    SourceId peer = new SourceId.Peer(id);
    FetchPlan plan =
        new FetchPlan(FetchLimits.DEFAULT, DownloadBudget.unlimited(), Set.of(), new Random(8), 0);
    plan.begin(head, ChunkSet.of(CHUNKS, new BitSet()));
    plan.found(List.of(id), 0);
    plan.opened(peer, ChunkSet.all(CHUNKS), 0);
    for (int i = 0; i < CHUNKS - 2; i += 2) {
      assertThat(plan.gone(peer, i, 1)).doesNotContain(new Action.Drop(peer));
      plan.kept(peer, i + 1, BlobHead.CHUNK_BYTES, true, 1);
    }
  }

  @ParameterizedTest(name = "{0} sources")
  @ValueSource(ints = {1, 2, 8, 12})
  void takesAThinLineForNoSilenceHoweverManySourcesShareIt(int known) {
    SimulatedFetch simulation = new SimulatedFetch(12);
    for (int i = 0; i < known; i++) {
      simulation.peer(Manner.HONEST, 1, ChunkSet.all(CHUNKS));
    }
    long rate = 32_000; // 256 kbit/s: with eight sources a chunk takes 65 s
    simulation.shareLine(rate);
    simulation.run(7_200_000);
    assertThat(simulation.completed).isTrue();
    assertThat(simulation.drops).isZero();
    assertThat(simulation.stalls).isEmpty();
    assertThat(simulation.duplicates).isZero();
    assertThat(simulation.nowMs).isLessThan(CHUNKS * BlobHead.CHUNK_BYTES * 1000L / rate * 21 / 20);
  }

  @Test
  void asksHardlyTwiceForTheLastChunksOverAThinLine() {
    SimulatedFetch simulation = new SimulatedFetch(14);
    for (int i = 0; i < 8; i++) {
      simulation.peer(Manner.HONEST, 1, ChunkSet.all(CHUNKS));
    }
    simulation.onDisk.set(6, CHUNKS);
    simulation.shareLine(32_000);
    simulation.run(600_000);
    assertThat(simulation.completed).isTrue();
    assertThat(simulation.nowMs).isLessThan(2 * 6 * BlobHead.CHUNK_BYTES * 1000L / 32_000);
  }

  @Test
  void givesUpASourceThatTricklesAndBringsNoChunk() {
    BlobHead head =
        new BlobHead((long) CHUNKS * BlobHead.CHUNK_BYTES, Multihash.sha256(new byte[] {1}));
    PeerId id = new PeerId(Multihash.sha256(new byte[] {2}));
    SourceId peer = new SourceId.Peer(id);
    FetchPlan plan =
        new FetchPlan(FetchLimits.DEFAULT, DownloadBudget.unlimited(), Set.of(), new Random(13), 0);
    plan.begin(head, ChunkSet.of(CHUNKS, new BitSet()));
    plan.found(List.of(id), 0);
    plan.opened(peer, ChunkSet.all(CHUNKS), 0);
    long endMs = 0;
    for (long nowMs = 0; nowMs < 3_600_000 && endMs == 0; nowMs += 1_000) {
      plan.heard(peer, 1024, nowMs);
      for (Action action : plan.tick(nowMs)) {
        switch (action) {
          case Action.Connect ignored -> plan.opened(peer, ChunkSet.all(CHUNKS), nowMs);
          case Action.Fail fail -> {
            assertThat(fail.reason()).isEqualTo(Reason.STALLED);
            endMs = nowMs;
          }
          default -> {}
        }
      }
    }
    // Two chunks' worth of bytes, and then as long as it waits for any source.
    assertThat(endMs).isBetween(512_000L, 700_000L);
  }

  @Test
  void sharesTheWorkBetweenAPeerAndAWebSeedByTheirRates() {
    SimulatedFetch simulation = new SimulatedFetch(12);
    SourceId web = simulation.webSeed("https://seed.test/a/", 10);
    SourceId peer = simulation.peer(Manner.HONEST, 40, ChunkSet.all(CHUNKS));
    simulation.run(60_000);
    assertThat(simulation.completed).isTrue();
    double ratio =
        (double) simulation.delivered.getOrDefault(web, 0)
            / Math.max(1, simulation.delivered.getOrDefault(peer, 0));
    assertThat(ratio).isBetween(2.5, 6.0);
  }

  @Test
  void foldersOfOneWebServerShareWhatOnePeerMayTake() {
    long rate = 10L * BlobHead.CHUNK_BYTES;
    DownloadBudget budget = new DownloadBudget(new Rates(Rates.ANY, rate), Quota.none(), 0);
    SimulatedFetch simulation = new SimulatedFetch(13, FetchLimits.DEFAULT, budget);
    simulation.webSeed("https://seed.test/a/", 5);
    simulation.webSeed("https://SEED.test:443/b/", 5);
    simulation.run(120_000);
    assertThat(simulation.completed).isTrue();
    assertThat(simulation.nowMs).isBetween(38_500L, 41_500L);
  }

  @Test
  void leavesABusySourceAloneForAsLongAsItAsked() {
    WebSeed seed = WebSeed.parse("https://seed.test/");
    SourceId id = new SourceId.Web(seed);
    FetchPlan plan =
        new FetchPlan(FetchLimits.DEFAULT, DownloadBudget.unlimited(), Set.of(), new Random(1), 0);
    assertThat(plan.know(List.of(seed), 0)).containsExactly(new Action.Connect(id));
    assertThat(plan.failed(id, FetchPlan.Failure.BUSY, 90_000, 10)).isEmpty();
    assertThat(plan.tick(90_009)).doesNotContain(new Action.Connect(id));
    assertThat(plan.tick(90_010)).contains(new Action.Connect(id));
  }
}
