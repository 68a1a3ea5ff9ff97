package org.skerry.board.claim;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import org.skerry.board.document.Claim;
import org.skerry.board.document.Samples;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.merge.Board;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;

/**
 * Many peers run {@link ClaimProtocol} on one simulated clock. Every post goes to every replica of
 * the board, each after its own delay or not at all; every peer reads one random replica, whose
 * state it joins with what it knew; peers' clocks are apart.
 */
final class ClaimSimulation {
  /** One process; {@code skewMs} is what its clock says too much. */
  private final class Peer {
    final PrivateKey key;
    final PeerId id;
    final long skewMs;
    final ClaimProtocol protocol;
    final Map<Integer, Board> known = new HashMap<>();
    boolean alive = true;
    long sequence;
    long step;

    Peer(int number, long skewMs) {
      this.key = Samples.key(500 + number);
      this.id = Samples.peer(key);
      this.skewMs = skewMs;
      this.protocol = new ClaimProtocol(task, id, 3 * maxDelayMs);
    }
  }

  private record Event(long atMs, long order, Runnable action) {}

  private final Task task;
  private final Random random;
  private final double loss;
  private final long maxDelayMs;
  private final Set<Integer> eligible = new HashSet<>();
  private final List<Peer> peers = new ArrayList<>();
  private final List<Map<Integer, Board>> replicas = new ArrayList<>();
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::atMs).thenComparingLong(Event::order));
  private long nowMs = Samples.NOW;
  private long order;

  ClaimSimulation(Task task, int peerCount, double loss, long maxDelayMs, Random random) {
    this.task = task;
    this.random = random;
    this.loss = loss;
    this.maxDelayMs = maxDelayMs;
    for (int unit = 0; unit < task.units().size(); unit++) {
      eligible.add(unit);
    }
    for (int i = 0; i < 3; i++) {
      replicas.add(new HashMap<>());
    }
    for (int i = 0; i < peerCount; i++) {
      Peer peer = new Peer(i, random.nextLong(-60_000, 60_000));
      peers.add(peer);
      at(nowMs + random.nextLong(50), () -> tick(peer));
    }
  }

  private void at(long whenMs, Runnable action) {
    events.add(new Event(whenMs, order++, action));
  }

  void runFor(long durationMs) {
    long endMs = nowMs + durationMs;
    while (!events.isEmpty() && events.peek().atMs() <= endMs) {
      Event event = events.remove();
      nowMs = event.atMs();
      event.action().run();
    }
    nowMs = endMs;
  }

  private void tick(Peer peer) {
    if (!peer.alive) {
      return;
    }
    Map<Integer, Board> replica = replicas.get(random.nextInt(replicas.size()));
    for (int unit : eligible) {
      Board read = replica.getOrDefault(unit, Board.empty(task.charter(), unit));
      peer.known.merge(unit, read, Board::merge);
    }
    long peerNowMs = nowMs + peer.skewMs;
    ClaimAction action = peer.protocol.next(eligible, List.copyOf(peer.known.values()), peerNowMs);
    if (action instanceof ClaimAction.Renew) {
      peer.step += 10;
    } else if (action instanceof ClaimAction.Take) {
      peer.step = 0;
    }
    peer.sequence = Math.max(peer.sequence + 1, peerNowMs);
    peer.protocol
        .claim(action, new Progress("cpu", 1, peer.step), peer.sequence, peerNowMs)
        .ifPresent(claim -> post(peer, claim));
    long againMs =
        switch (action) {
          case ClaimAction.Wait wait -> wait.untilMs();
          case ClaimAction.Take take -> take.settledAtMs();
          case ClaimAction.Keep keep -> keep.untilMs();
          case ClaimAction.Renew renew -> renew.untilMs();
          case ClaimAction.Yield ignored -> peerNowMs;
          case ClaimAction.Release ignored -> peerNowMs;
        };
    // A driver looks a few times within a lease, whatever the protocol asks for.
    long waitMs = Math.min(Math.max(1, againMs - peerNowMs), task.leaseMs() / 6);
    at(nowMs + waitMs + random.nextLong(20), () -> tick(peer));
  }

  private void post(Peer peer, Claim claim) {
    int unit = claim.unit();
    Board mine =
        peer.known
            .getOrDefault(unit, Board.empty(task.charter(), unit))
            .with(SignedDocument.seal(peer.key, claim));
    peer.known.put(unit, mine);
    for (Map<Integer, Board> replica : replicas) {
      if (random.nextDouble() >= loss) {
        at(
            nowMs + random.nextLong(1, maxDelayMs + 1),
            () -> replica.merge(unit, mine, Board::merge));
      }
    }
  }

  /** Who of the living works on each unit. */
  Map<Integer, List<PeerId>> holders() {
    Map<Integer, List<PeerId>> out = new HashMap<>();
    for (Peer peer : peers) {
      if (peer.alive) {
        peer.protocol
            .heldUnit()
            .ifPresent(unit -> out.computeIfAbsent(unit, u -> new ArrayList<>()).add(peer.id));
      }
    }
    return out;
  }

  /** Stops a holder of {@code unit} without a word. */
  PeerId kill(int unit) {
    Peer victim =
        peers.stream()
            .filter(
                peer -> peer.alive && peer.protocol.heldUnit().filter(u -> u == unit).isPresent())
            .findFirst()
            .orElseThrow();
    victim.alive = false;
    return victim.id;
  }

  int claimants() {
    return (int)
        peers.stream()
            .filter(peer -> peer.alive && peer.protocol.claimedUnit().isPresent())
            .count();
  }
}
