package org.skerry.simulation.claim;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.skerry.board.claim.ClaimAction;
import org.skerry.board.claim.ClaimProtocol;
import org.skerry.board.claim.Duty;
import org.skerry.board.claim.Fit;
import org.skerry.board.claim.Progress;
import org.skerry.board.document.Attestation;
import org.skerry.board.document.AttestationMethod;
import org.skerry.board.document.Measurements;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.UnitDocument;
import org.skerry.board.document.Verdict;
import org.skerry.board.document.WeightManifest;
import org.skerry.board.merge.Board;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.simulation.SimulatedTask;
import org.skerry.simulation.Simulation;

/**
 * One volunteer: the driver that a daemon is, with a clock of its own, and work that is nothing but
 * time. A death takes all that it knows but its key and its sequence.
 */
final class ClaimPeer {
  private static final long SHORTEST_LOOK_MS = 1_000;
  private static final long LONGEST_LOOK_MS = 30_000;

  private final Simulation simulation;
  private final ClaimScenario scenario;
  private final Task task;
  private final Replicas replicas;
  private final Ledger ledger;
  private final PrivateKey key;
  private final PeerId id;
  private final long skewMs;
  private final double stepsPerSecond;
  private final Map<Integer, Fit> eligible;
  private final Map<Integer, Board> known = new HashMap<>();

  private ClaimProtocol protocol;
  private boolean alive;
  private int life;
  private long sequence;
  private long bornAtMs;
  private Optional<Integer> claimed = Optional.empty();
  private Optional<Integer> working = Optional.empty();
  private long workingSinceMs;
  private long publishedAtMs;
  private long busyUntilMs;
  private Optional<Long> keepingSinceMs = Optional.empty();
  private Optional<SignedDocument<WeightManifest>> newest = Optional.empty();

  ClaimPeer(
      Simulation simulation,
      ClaimScenario scenario,
      Task task,
      Replicas replicas,
      Ledger ledger,
      PrivateKey key) {
    this.simulation = simulation;
    this.scenario = scenario;
    this.task = task;
    this.replicas = replicas;
    this.ledger = ledger;
    this.key = key;
    this.id = PeerId.of(key.publicKey());
    this.skewMs = simulation.random().nextLong(-scenario.skewMs() / 2, scenario.skewMs() / 2 + 1);
    this.stepsPerSecond = Math.exp(simulation.random().nextDouble(-1, 1));
    this.eligible =
        IntStream.range(0, scenario.units()).boxed().collect(Collectors.toMap(u -> u, u -> fit()));
    this.protocol = newProtocol();
  }

  /** Units differ for every volunteer, as its memory, its speed and what it has already do. */
  private Fit fit() {
    return new Fit(Math.exp(simulation.random().nextDouble(-1, 1)));
  }

  private ClaimProtocol newProtocol() {
    return new ClaimProtocol(task, id, Math.max(1_500, scenario.leaseMs() / 20));
  }

  private long lookMs() {
    return Math.clamp(scenario.leaseMs() / 8, SHORTEST_LOOK_MS, LONGEST_LOOK_MS);
  }

  private long clockMs() {
    return simulation.nowMs() + skewMs;
  }

  boolean isAlive() {
    return alive;
  }

  Optional<Integer> working() {
    return working;
  }

  PeerId id() {
    return id;
  }

  /** What its clock says too much. */
  long skewMs() {
    return skewMs;
  }

  void start() {
    alive = true;
    life++;
    bornAtMs = simulation.nowMs();
    known.clear();
    newest = Optional.empty();
    busyUntilMs = 0;
    protocol = newProtocol();
    look(life);
  }

  /** Ends it without a word. */
  void kill() {
    ledger.lostMs += working.isPresent() ? simulation.nowMs() - publishedAtMs : 0;
    ledger.deaths++;
    follow(Optional.empty(), Optional.empty());
    account();
    alive = false;
    life++;
  }

  /** Adds its time up to now to the sums. */
  void account() {
    if (alive) {
      keepNoLonger();
      ledger.aliveMs += simulation.nowMs() - bornAtMs;
      bornAtMs = simulation.nowMs();
    }
  }

  private void look(int ofLife) {
    if (life != ofLife) {
      return;
    }
    Collection<Integer> units =
        protocol.claimedUnit().<Collection<Integer>>map(List::of).orElse(eligible.keySet());
    replicas.read(units, boards -> act(boards, ofLife));
  }

  private void act(List<Board> boards, int ofLife) {
    if (life != ofLife) {
      return;
    }
    boards.forEach(board -> known.merge(board.unit(), board, Board::merge));
    long nowMs = clockMs();
    ClaimAction action = protocol.next(eligible, known.values(), nowMs);
    protocol
        .claim(action, progress(), nextSequence(), nowMs)
        .ifPresent(claim -> {
          ledger.posts++;
          post(claim);
        });
    follow(protocol.claimedUnit(), protocol.heldUnit());
    if (working.isEmpty()) {
      serve(ofLife);
    }
    long untilMs =
        switch (action) {
          case ClaimAction.Wait wait -> wait.untilMs();
          case ClaimAction.Take take -> take.settledAtMs();
          case ClaimAction.Keep keep -> keep.untilMs();
          case ClaimAction.Renew renew -> renew.untilMs();
          case ClaimAction.Yield ignored -> nowMs + SHORTEST_LOOK_MS;
          case ClaimAction.Release ignored -> nowMs + SHORTEST_LOOK_MS;
        };
    simulation.after(Math.clamp(untilMs - nowMs, 50, lookMs()), () -> look(ofLife));
  }

  private long nextSequence() {
    sequence = Math.max(sequence + 1, clockMs());
    return sequence;
  }

  private void post(UnitDocument document) {
    Board board = known.getOrDefault(document.unit(), Board.empty(task.charter(), document.unit()));
    Board mine = board.with(SignedDocument.seal(key, document));
    known.put(document.unit(), mine);
    replicas.write(mine);
  }

  private void follow(Optional<Integer> nowClaimed, Optional<Integer> nowWorking) {
    long nowMs = simulation.nowMs();
    if (!nowWorking.equals(working)) {
      keepNoLonger();
      working.ifPresent(unit -> ledger.works(unit, -1, nowMs));
      nowWorking.ifPresent(unit -> ledger.works(unit, 1, nowMs));
      working = nowWorking;
      workingSinceMs = nowMs;
      publishedAtMs = nowMs;
      newest = Optional.empty();
      nowWorking.ifPresent(unit -> simulation.after(scenario.publishMs(), publishing(unit, life)));
    }
    if (!nowClaimed.equals(claimed)) {
      nowClaimed.ifPresent(unit -> ledger.claims(unit, 1, nowMs));
      claimed.ifPresent(unit -> ledger.claims(unit, -1, nowMs));
      claimed = nowClaimed;
    }
  }

  private Progress progress() {
    return new Progress("simulated", stepsPerSecond, steps(), 0, newest);
  }

  private long steps() {
    return working.isEmpty()
        ? 0
        : (long) (stepsPerSecond * (simulation.nowMs() - workingSinceMs) / 1000);
  }

  private Runnable publishing(int unit, int ofLife) {
    long since = workingSinceMs;
    return () -> {
      if (life != ofLife || working.filter(u -> u == unit).isEmpty() || workingSinceMs != since) {
        return;
      }
      publishedAtMs = simulation.nowMs();
      if (scenario.evaluateMs() > 0) {
        publish(unit);
      }
      simulation.after(scenario.publishMs(), publishing(unit, ofLife));
    };
  }

  private void publish(int unit) {
    Cid blob = SimulatedTask.blob(id + " " + sequence);
    SignedDocument<WeightManifest> signed =
        SignedDocument.seal(
            key,
            new WeightManifest(
                task.id(),
                unit,
                id,
                nextSequence(),
                clockMs(),
                steps(),
                64 * steps(),
                Optional.empty(),
                blob,
                Optional.of(blob),
                Optional.of(blob),
                0.5,
                0.5,
                "simulated/1",
                false));
    newest = Optional.of(signed);
    Board mine = known.getOrDefault(unit, Board.empty(task.charter(), unit)).with(signed);
    known.put(unit, mine);
    replicas.write(mine);
  }

  /** What it does while it trains nothing, until it looks again. */
  private void serve(int ofLife) {
    long nowMs = simulation.nowMs();
    if (scenario.evaluateMs() == 0 || nowMs < busyUntilMs || working.isPresent()) {
      return;
    }
    keepNoLonger();
    Duty duty =
        Duty.next(
            protocol.heldUnit(),
            task,
            known.values(),
            id,
            new Duty.Can(true, true, false),
            scenario.peers());
    switch (duty) {
      case Duty.Evaluate(int unit, Cid manifest) -> {
        busyUntilMs = nowMs + scenario.evaluateMs();
        simulation.after(scenario.evaluateMs(), () -> measured(unit, manifest, ofLife));
      }
      case Duty.Replicate ignored -> keepingSinceMs = Optional.of(nowMs);
      case Duty.Train ignored -> {}
      case Duty.Relay ignored -> {}
      case Duty.StandBy ignored -> {}
    }
  }

  private void keepNoLonger() {
    keepingSinceMs.ifPresent(since -> ledger.keepingMs += simulation.nowMs() - since);
    keepingSinceMs = Optional.empty();
  }

  private void measured(int unit, Cid manifest, int ofLife) {
    if (life != ofLife) {
      return;
    }
    ledger.measured(manifest, task.policy().evaluators().contains(id), scenario.evaluateMs());
    known.getOrDefault(unit, Board.empty(task.charter(), unit)).manifests().stream()
        .filter(weights -> weights.id().equals(manifest))
        .findFirst()
        .ifPresent(weights ->
            post(
                new Attestation(
                    id,
                    nextSequence(),
                    clockMs(),
                    weights,
                    AttestationMethod.LOSS,
                    new Measurements(
                        0.4, 0.4, 0.4, 0.4, 0.9, 1.5, Double.NaN, true, Optional.empty()),
                    Verdict.ACCEPTED)));
    serve(ofLife);
  }
}
