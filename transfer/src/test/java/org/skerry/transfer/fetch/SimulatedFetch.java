package org.skerry.transfer.fetch;

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
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.ChunkSet;
import org.skerry.transfer.SourceId;
import org.skerry.transfer.TransferException.Reason;
import org.skerry.transfer.WebSeed;
import org.skerry.transfer.limit.DownloadBudget;

/** Plays the network and the clock for one {@link FetchPlan}: no thread, socket or file. */
final class SimulatedFetch {
  static final int CHUNKS = 400;
  private static final long PIECE_BYTES = 64 << 10;

  /** How a simulated peer behaves. */
  enum Manner {
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

  final Map<SourceId, Integer> delivered = new HashMap<>();
  final Map<SourceId, Integer> liesPerPeer = new HashMap<>();
  final Map<SourceId, List<Boolean>> planes = new HashMap<>();
  final List<Integer> order = new ArrayList<>();
  final List<Action.Stalled> stalls = new ArrayList<>();
  final List<Reason> failure = new ArrayList<>();
  final BitSet onDisk = new BitSet();
  final FetchPlan plan;
  long nowMs;
  long lastDeliveryMs;
  long firstStallMs = -1;
  int requests;
  int duplicates;
  int drops;
  boolean completed;

  private final BlobHead head =
      new BlobHead((long) CHUNKS * BlobHead.CHUNK_BYTES, Multihash.sha256(new byte[] {1}));
  private final Map<SourceId, Peer> peers = new HashMap<>();
  private final Map<SourceId, Long> busyUntilMs = new HashMap<>();
  private final Map<SourceId, Integer> epoch = new HashMap<>();
  private final PriorityQueue<Due> agenda =
      new PriorityQueue<>(Comparator.comparingLong(Due::atMs).thenComparingInt(Due::order));
  private final List<Long> deliveredAtMs = new ArrayList<>();
  private final LinkedHashMap<SourceId, Deque<Integer>> line = new LinkedHashMap<>();
  private final Map<SourceId, Integer> pieces = new HashMap<>();
  private final Random random;
  private long pieceMs;
  private int sequence;

  SimulatedFetch(long seed) {
    this(seed, FetchLimits.DEFAULT);
  }

  SimulatedFetch(long seed, FetchLimits limits) {
    this(seed, limits, DownloadBudget.unlimited());
  }

  SimulatedFetch(long seed, FetchLimits limits, DownloadBudget budget) {
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

  int deliveredBetween(long fromMs, long toMs) {
    return (int) deliveredAtMs.stream().filter(at -> at >= fromMs && at < toMs).count();
  }

  private void tick() {
    act(plan.tick(nowMs));
    at(nowMs + 200, this::tick);
  }

  void at(long atMs, Runnable what) {
    agenda.add(new Due(atMs, sequence++, what));
  }

  private void act(List<Action> actions) {
    for (Action action : actions) {
      switch (action) {
        case Action.FindSources ignored -> at(nowMs + 50, () -> act(plan.found(found(), nowMs)));
        case Action.Connect connect -> connect(peer(connect.source()));
        case Action.Want want -> {
          requests++;
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
