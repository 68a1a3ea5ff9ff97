package org.skerry.transfer.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
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
import org.skerry.transfer.limit.DownloadBudget;
import org.skerry.transfer.limit.MemoryBooks;
import org.skerry.transfer.limit.Quota;
import org.skerry.transfer.limit.Rates;

/** Whole fetches in simulated time: no thread, socket or file. */
class FetchPlanTest {
  private static final int CHUNKS = 400;
  private static final long PIECE_BYTES = 64 << 10;

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void completesFromOneHonestSourceAmongFiftyOthersThatLieStallOrVanish(long seed) {
    Simulation simulation = new Simulation(seed);
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
    Simulation simulation = new Simulation(1);
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
  void anIdleFastSourceTakesOverTheLastChunksOfASlowOne() {
    Simulation simulation = new Simulation(2);
    simulation.peer(Manner.HONEST, 10, ChunkSet.all(CHUNKS));
    simulation.peer(Manner.HONEST, 8_000, ChunkSet.all(CHUNKS));
    simulation.run(60_000);
    assertThat(simulation.completed).isTrue();
    assertThat(simulation.nowMs).isLessThan(7_000);
  }

  @Test
  void asksInOrderWhileAllSourcesAreWhole() {
    Simulation simulation = new Simulation(3);
    simulation.peer(Manner.HONEST, 10, ChunkSet.all(CHUNKS));
    simulation.run(60_000);
    assertThat(simulation.order).isSorted().hasSize(CHUNKS);
  }

  @Test
  void asksTheWholeSourceForWhatThePartialOneLacks() {
    BitSet half = new BitSet();
    half.set(0, CHUNKS / 2);
    Simulation simulation = new Simulation(4);
    SourceId whole = simulation.peer(Manner.HONEST, 10, ChunkSet.all(CHUNKS));
    SourceId partial = simulation.peer(Manner.HONEST, 10, ChunkSet.of(CHUNKS, half));
    simulation.run(60_000);
    assertThat(simulation.completed).isTrue();
    assertThat(simulation.delivered.get(partial)).isBetween(170, 215);
    assertThat(simulation.delivered.get(whole)).isBetween(195, 240);
  }

  @Test
  void asksForPlanesWhereTheLineIsSlowOrNotMeasuredYet() {
    Simulation simulation = new Simulation(8);
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
    Simulation simulation = new Simulation(5);
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
    Simulation simulation = new Simulation(8, FetchLimits.DEFAULT, budget);
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
  void asksNoPeerForMoreThanItsShare() {
    long rate = 10L * BlobHead.CHUNK_BYTES;
    DownloadBudget budget = new DownloadBudget(new Rates(Rates.ANY, rate), Quota.none(), 0);
    Simulation simulation = new Simulation(9, FetchLimits.DEFAULT, budget);
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
    Simulation simulation = new Simulation(10, FetchLimits.DEFAULT, budget);
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
    Simulation simulation =
        new Simulation(11, FetchLimits.DEFAULT, new DownloadBudget(Rates.UNLIMITED, quota, 0));
    simulation.peer(Manner.HONEST, 5, ChunkSet.all(CHUNKS));
    simulation.run(120_000);
    assertThat(simulation.failure).isEqualTo(List.of(Reason.QUOTA_SPENT));
    assertThat(simulation.order).hasSize(100);
    assertThat(quota.used().inDay()).isEqualTo(day);
  }

  @Test
  void endsTypedWhenNobodyIsFound() {
    Simulation simulation = new Simulation(6);
    simulation.run(600_000);
    assertThat(simulation.failure).isEqualTo(List.of(Reason.NO_SOURCES));
    assertThat(simulation.firstStallMs).isLessThanOrEqualTo(10_000);
  }

  @Test
  void replacesASlowSourceWhenOthersWait() {
    Simulation simulation =
        new Simulation(7, new FetchLimits(2, 64, 8_000, 30_000, 8_000, 120_000));
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
    Simulation simulation = new Simulation(12);
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
    Simulation simulation = new Simulation(14);
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
    Simulation simulation = new Simulation(12);
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
    Simulation simulation = new Simulation(13, FetchLimits.DEFAULT, budget);
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

  /** How a simulated peer behaves. */
  private enum Manner {
    HONEST,
    /** Its chunks do not verify. */
    LIAR,
    /** It opens and then says nothing. */
    SILENT,
    /** It cannot be reached. */
    UNREACHABLE,
    /** It says it has all and has nothing. */
    EMPTY_HANDS,
    /** It hangs up on the third chunk. */
    QUITTER
  }

  private record Peer(SourceId id, Manner manner, long chunkMs, ChunkSet have) {}

  private record Due(long atMs, int order, Runnable what) {}

  /** Plays the network and the clock for one plan. */
  private static final class Simulation {
    private final BlobHead head =
        new BlobHead((long) CHUNKS * BlobHead.CHUNK_BYTES, Multihash.sha256(new byte[] {1}));
    private final Map<SourceId, Peer> peers = new HashMap<>();
    private final Map<SourceId, Long> busyUntilMs = new HashMap<>();
    private final Map<SourceId, Integer> epoch = new HashMap<>();
    private final Map<SourceId, Integer> delivered = new HashMap<>();
    private final Map<SourceId, Integer> liesPerPeer = new HashMap<>();
    private final Map<SourceId, List<Boolean>> planes = new HashMap<>();
    private final List<Integer> order = new ArrayList<>();
    private final List<Action.Stalled> stalls = new ArrayList<>();
    private final List<Reason> failure = new ArrayList<>();
    private final PriorityQueue<Due> agenda =
        new PriorityQueue<>(Comparator.comparingLong(Due::atMs).thenComparingInt(Due::order));
    private final List<Long> deliveredAtMs = new ArrayList<>();
    private final BitSet onDisk = new BitSet();
    private final LinkedHashMap<SourceId, Deque<Integer>> line = new LinkedHashMap<>();
    private final Map<SourceId, Integer> pieces = new HashMap<>();
    private final Random random;
    private final FetchPlan plan;
    private long pieceMs;
    private int sequence;
    private long nowMs;
    private long lastDeliveryMs;
    private long firstStallMs = -1;
    private int duplicates;
    private int drops;
    private boolean completed;

    Simulation(long seed) {
      this(seed, FetchLimits.DEFAULT);
    }

    Simulation(long seed, FetchLimits limits) {
      this(seed, limits, DownloadBudget.unlimited());
    }

    Simulation(long seed, FetchLimits limits, DownloadBudget budget) {
      random = new Random(seed);
      plan = new FetchPlan(limits, budget, Set.of(), random, 0);
    }

    SourceId peer(Manner manner, long chunkMs, ChunkSet have) {
      byte[] name = {(byte) peers.size(), (byte) (peers.size() >> 8)};
      return add(new SourceId.Peer(new PeerId(Multihash.sha256(name))), manner, chunkMs, have);
    }

    /** An honest one that is known from the start. */
    SourceId webSeed(String url, long chunkMs) {
      WebSeed seed = WebSeed.parse(url);
      SourceId id = add(new SourceId.Web(seed), Manner.HONEST, chunkMs, ChunkSet.all(CHUNKS));
      at(0, () -> act(plan.know(List.of(seed), nowMs)));
      return id;
    }

    private SourceId add(SourceId id, Manner manner, long chunkMs, ChunkSet have) {
      peers.put(id, new Peer(id, manner, chunkMs, have));
      return id;
    }

    private Peer peer(SourceId id) {
      return Objects.requireNonNull(peers.get(id));
    }

    void run(long untilMs) {
      at(0, this::tick);
      while (!agenda.isEmpty() && !completed && failure.isEmpty() && nowMs < untilMs) {
        Due due = agenda.remove();
        nowMs = due.atMs();
        due.what().run();
      }
    }

    /** The most chunks that came within so many milliseconds. */
    int mostWithin(long windowMs) {
      int most = 0;
      for (int from = 0, to = 0; to < deliveredAtMs.size(); to++) {
        while (deliveredAtMs.get(to) - deliveredAtMs.get(from) > windowMs) {
          from++;
        }
        most = Math.max(most, to - from + 1);
      }
      return most;
    }

    private void tick() {
      act(plan.tick(nowMs));
      at(nowMs + 200, this::tick);
    }

    private void at(long atMs, Runnable what) {
      agenda.add(new Due(atMs, sequence++, what));
    }

    private void act(List<Action> actions) {
      for (Action action : actions) {
        switch (action) {
          case Action.FindSources ignored -> at(nowMs + 50, () -> act(plan.found(found(), nowMs)));
          case Action.Connect connect -> connect(peer(connect.source()));
          case Action.Want want -> {
            for (int i = 0; i < want.count(); i++) {
              planes.computeIfAbsent(want.source(), p -> new ArrayList<>()).add(want.planes());
              want(peer(want.source()), want.first() + i);
            }
          }
          case Action.Refresh ignored -> {}
          case Action.Drop drop -> {
            drops++;
            epoch.merge(drop.source(), 1, Integer::sum);
            line.remove(drop.source());
            pieces.remove(drop.source());
          }
          case Action.Stalled stall -> {
            stalls.add(stall);
            firstStallMs = firstStallMs < 0 ? nowMs : firstStallMs;
          }
          case Action.Complete ignored -> completed = true;
          case Action.Fail fail -> failure.add(fail.reason());
        }
      }
    }

    private List<PeerId> found() {
      return peers.keySet().stream()
          .filter(SourceId.Peer.class::isInstance)
          .map(id -> ((SourceId.Peer) id).id())
          .toList();
    }

    private void connect(Peer peer) {
      int session = epoch.merge(peer.id(), 1, Integer::sum);
      busyUntilMs.put(peer.id(), nowMs);
      later(
          peer,
          session,
          nowMs + 20 + random.nextInt(20),
          () -> {
            if (peer.manner() == Manner.UNREACHABLE) {
              act(plan.failed(peer.id(), FetchPlan.Failure.LOST, 0, nowMs));
            } else {
              if (!plan.begun()) {
                act(plan.begin(head, ChunkSet.of(CHUNKS, onDisk)));
              }
              act(plan.opened(peer.id(), peer.have(), nowMs));
            }
          });
    }

    private void want(Peer peer, int index) {
      if (pieceMs > 0) {
        line.computeIfAbsent(peer.id(), p -> new ArrayDeque<>()).addLast(index);
        return;
      }
      long doneMs = Math.max(nowMs, busyUntilMs.getOrDefault(peer.id(), 0L)) + peer.chunkMs();
      busyUntilMs.put(peer.id(), doneMs);
      later(peer, epoch.getOrDefault(peer.id(), 0), doneMs, () -> answer(peer, index));
    }

    private void answer(Peer peer, int index) {
      switch (peer.manner()) {
        case HONEST -> deliver(peer, index);
        case LIAR -> {
          liesPerPeer.merge(peer.id(), 1, Integer::sum);
          act(plan.lied(peer.id(), nowMs));
        }
        case EMPTY_HANDS -> act(plan.gone(peer.id(), index, nowMs));
        case QUITTER -> {
          if (delivered.getOrDefault(peer.id(), 0) % 3 == 2) {
            delivered.merge(peer.id(), 1, Integer::sum);
            epoch.merge(peer.id(), 1, Integer::sum);
            act(plan.failed(peer.id(), FetchPlan.Failure.LOST, 0, nowMs));
          } else {
            deliver(peer, index);
          }
        }
        case SILENT, UNREACHABLE -> {}
      }
    }

    private void deliver(Peer peer, int index) {
      boolean fresh = !onDisk.get(index);
      onDisk.set(index);
      order.add(index);
      deliveredAtMs.add(nowMs);
      duplicates += fresh ? 0 : 1;
      lastDeliveryMs = nowMs;
      delivered.merge(peer.id(), 1, Integer::sum);
      if (pieceMs == 0) {
        plan.heard(peer.id(), BlobHead.CHUNK_BYTES, nowMs);
      }
      act(plan.kept(peer.id(), index, BlobHead.CHUNK_BYTES, fresh, nowMs));
    }

    /** All peers share one line, over which their chunks come in turn, piece by piece. */
    void shareLine(long bytesPerSecond) {
      pieceMs = PIECE_BYTES * 1000 / bytesPerSecond;
      at(0, this::piece);
    }

    private void piece() {
      Map.Entry<SourceId, Deque<Integer>> turn = line.pollFirstEntry();
      if (turn != null) {
        SourceId peer = turn.getKey();
        plan.heard(peer, PIECE_BYTES, nowMs);
        boolean whole = pieces.merge(peer, 1, Integer::sum) * PIECE_BYTES == BlobHead.CHUNK_BYTES;
        int index = turn.getValue().getFirst();
        if (whole) {
          turn.getValue().removeFirst();
          pieces.remove(peer);
        }
        if (!turn.getValue().isEmpty()) {
          line.putLast(peer, turn.getValue());
        }
        if (whole) {
          deliver(peer(peer), index);
        }
      }
      at(nowMs + pieceMs, this::piece);
    }

    /** Nothing reaches the plan from a session that it dropped. */
    private void later(Peer peer, int session, long atMs, Runnable what) {
      at(
          atMs,
          () -> {
            if (epoch.getOrDefault(peer.id(), 0) == session) {
              what.run();
            }
          });
    }
  }
}
