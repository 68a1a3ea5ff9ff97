package org.skerry.simulation.claim;

/**
 * What a run of {@link ClaimNetwork} is made of. Times between random events are exponentially
 * distributed around their mean.
 *
 * @param peers volunteers, all of which come at once
 * @param units of the task, experts but for one router
 * @param redundancy peers wanted at each unit
 * @param leaseMs of the task
 * @param replicas that hold the boards; every post goes to all of them, every reading asks three
 * @param loss part of all messages that get lost
 * @param minLatencyMs of one message
 * @param maxLatencyMs of one message
 * @param skewMs how far two clocks are apart at most
 * @param killEveryMs mean time between two peers that die without a word; 0 for none
 * @param downMs mean time until a dead one starts again, with its identity and nothing else
 * @param publishMs of work between two manifests, from which a successor goes on
 * @param evaluateMs to measure one manifest; 0 where nobody publishes and measures
 */
public record ClaimScenario(
    int peers,
    int units,
    int redundancy,
    long leaseMs,
    int replicas,
    double loss,
    long minLatencyMs,
    long maxLatencyMs,
    long skewMs,
    long killEveryMs,
    long downMs,
    long publishMs,
    long evaluateMs) {

  /** 200 peers claim 64 units at once, and one dies every three seconds. */
  public static ClaimScenario rush() {
    return new ClaimScenario(
        200, 64, 1, 60_000, 20, 0.05, 20, 500, 600_000, 3_000, 60_000, 60_000, 0);
  }

  /** Four times more volunteers than units, who come and go, publish and measure. */
  public static ClaimScenario crowd() {
    return new ClaimScenario(
        256, 64, 1, 60_000, 20, 0.05, 20, 500, 600_000, 30_000, 60_000, 60_000, 20_000);
  }

  /** The same of another size, with another pace of dying. */
  public ClaimScenario of(int newPeers, int newUnits, int newRedundancy, long newKillEveryMs) {
    return new ClaimScenario(
        newPeers,
        newUnits,
        newRedundancy,
        leaseMs,
        replicas,
        loss,
        minLatencyMs,
        maxLatencyMs,
        skewMs,
        newKillEveryMs,
        downMs,
        publishMs,
        evaluateMs);
  }
}
