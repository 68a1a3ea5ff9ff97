package org.skerry.simulation;

import java.time.Instant;
import java.util.Map;
import org.skerry.board.RefusalCounts;
import org.skerry.board.merge.PeerBudgets;
import org.skerry.board.merge.VerifiedEnvelopes;
import org.skerry.board.record.EquivocationLog;
import org.skerry.board.record.SkerryNamespace;
import org.skerry.dht.DhtConfig;

/** A DHT whose nodes keep boards by the rules of production, and values that are their hash. */
public final class BoardNetwork {
  private final RefusalCounts refusals = new RefusalCounts();
  private final VerifiedEnvelopes verified = new VerifiedEnvelopes(65_536);
  private final SimulatedDht dht;

  public BoardNetwork(Simulation simulation) {
    PeerBudgets budgets = new PeerBudgets(() -> Instant.ofEpochMilli(simulation.nowMs()));
    SkerryNamespace rules =
        new SkerryNamespace(verified, budgets, refusals, new EquivocationLog(refusals));
    dht =
        new SimulatedDht(
            simulation,
            DhtConfig.defaults(),
            Map.of(SkerryNamespace.NAME, rules, HashedNamespace.NAME, new HashedNamespace()));
  }

  public SimulatedDht dht() {
    return dht;
  }

  /** Documents that nodes refused so far. */
  public long refused() {
    return refusals.snapshot().values().stream().mapToLong(Long::longValue).sum();
  }

  /** The signatures that are known to be good; nobody checks one twice. */
  public VerifiedEnvelopes verified() {
    return verified;
  }
}
