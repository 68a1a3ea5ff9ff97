package org.skerry.simulation.claim;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.skerry.board.document.Claim;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.simulation.SimulatedTask;
import org.skerry.simulation.Simulation;

/**
 * Many volunteers claim the units of one task. The claim protocol and the boards are those of
 * production; network, clocks, deaths and work are simulated, and a seed says all of it.
 *
 * <p>A run has three parts: everybody comes at once and settles; peers die and return; nobody dies
 * any more, and after a lease and a half every unit is to have exactly its peers.
 */
public final class ClaimNetwork {
  private final Simulation simulation;
  private final ClaimScenario scenario;
  private final Task task;
  private final Replicas replicas;
  private final Ledger ledger;
  private final List<ClaimPeer> peers = new ArrayList<>();
  private boolean dying;

  private ClaimNetwork(long seed, ClaimScenario scenario) {
    this.simulation = new Simulation(seed);
    this.scenario = scenario;
    PrivateKey publisher = SimulatedTask.key(0);
    this.task =
        SimulatedTask.of(
            scenario.units(),
            scenario.redundancy(),
            scenario.leaseMs(),
            publisher,
            simulation.nowMs());
    this.replicas = new Replicas(simulation, scenario, task);
    this.ledger = new Ledger(scenario.units(), scenario.redundancy(), simulation.nowMs());
    for (int i = 0; i < scenario.peers(); i++) {
      // The first peer is the publisher, which is the task's evaluator too.
      peers.add(
          new ClaimPeer(
              simulation,
              scenario,
              task,
              replicas,
              ledger,
              i == 0 ? publisher : SimulatedTask.key(1_000_000L * seed + i)));
    }
  }

  /**
   * Runs {@code scenario} with deaths for {@code dyingMs}.
   *
   * @return what it showed; the same for the same seed
   */
  public static ClaimFigures run(long seed, ClaimScenario scenario, long dyingMs) {
    return new ClaimNetwork(seed, scenario).run(dyingMs);
  }

  private ClaimFigures run(long dyingMs) {
    long startMs = simulation.nowMs();
    peers.forEach(ClaimPeer::start);
    long settleMs = Math.max(1_500, scenario.leaseMs() / 20);
    simulation.runFor(settleMs + 6L * scenario.maxLatencyMs());
    double firstRound = ledger.exact();
    simulation.runUntil(() -> ledger.exact() == 1, 4 * scenario.leaseMs());
    long settledMs = simulation.nowMs() - startMs;
    simulation.runFor(scenario.leaseMs());

    dying = scenario.killEveryMs() > 0;
    dieLater();
    simulation.runFor(dyingMs);
    dying = false;
    simulation.runFor(scenario.leaseMs() * 3 / 2);

    long nowMs = simulation.nowMs();
    ledger.close(nowMs);
    peers.forEach(ClaimPeer::account);
    double training = ledger.workingMs - ledger.overlapMs - ledger.lostMs;
    double alive = ledger.aliveMs;
    return new ClaimFigures(
        simulation.seed(),
        firstRound,
        settledMs,
        exactClaims(),
        (double) ledger.overlapMs / ledger.workingMs,
        (double) ledger.missingMs / (ledger.missingMs + ledger.workingMs - ledger.overlapMs),
        ledger.longestUnclaimedMs,
        ledger.longestIdleMs,
        (double) (ledger.lostMs + ledger.overlapMs) / ledger.workingMs,
        (training + ledger.measuringMs + ledger.keepingMs) / alive,
        training / alive,
        ledger.measuringMs / alive,
        ledger.keepingMs / alive,
        ledger.posts / (alive / 60_000),
        ledger.deaths);
  }

  private void dieLater() {
    if (!dying) {
      return;
    }
    simulation.after(
        exponentialMs(scenario.killEveryMs()),
        () -> {
          if (dying) {
            dieNow();
            dieLater();
          }
        });
  }

  private void dieNow() {
    List<ClaimPeer> living = peers.stream().filter(ClaimPeer::isAlive).toList();
    if (living.isEmpty()) {
      return;
    }
    ClaimPeer victim = living.get(simulation.random().nextInt(living.size()));
    victim.kill();
    simulation.after(exponentialMs(scenario.downMs()), victim::start);
  }

  private long exponentialMs(long meanMs) {
    return Math.round(-meanMs * Math.log1p(-simulation.random().nextDouble()));
  }

  /**
   * The part of the units whose unreleased claims with a running lease are exactly as many as the
   * task wants, each of a living peer that works there, and which nobody else works on.
   */
  private double exactClaims() {
    long exact =
        IntStream.range(0, scenario.units())
            .filter(unit -> claimers(unit).equals(workers(unit)))
            .filter(unit -> workers(unit).size() == scenario.redundancy())
            .count();
    return (double) exact / scenario.units();
  }

  private Set<PeerId> workers(int unit) {
    return peers.stream()
        .filter(peer -> peer.isAlive() && peer.working().filter(u -> u == unit).isPresent())
        .map(ClaimPeer::id)
        .collect(Collectors.toSet());
  }

  /** By the simulation's clock, with half the skew on either side. */
  private Set<PeerId> claimers(int unit) {
    return replicas.joined(unit).claims().stream()
        .map(SignedDocument::document)
        .filter(claim -> !claim.isRelease())
        .filter(claim -> liveOf(claim))
        .map(Claim::peer)
        .collect(Collectors.toSet());
  }

  private boolean liveOf(Claim claim) {
    return peers.stream()
        .filter(peer -> peer.id().equals(claim.peer()))
        .anyMatch(
            peer -> claim.issuedAtMs() + claim.leaseMs() > simulation.nowMs() + peer.skewMs());
  }
}
