package org.skerry.node.event;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.List;
import java.util.Map;

/**
 * Something that happened on a node. Peers and documents stand as their text ids, units as {@code
 * expert-0} or {@code router}, losses are mean squared errors of the velocity.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "event")
public sealed interface Event {
  /** The daemon is up. */
  @JsonTypeName("started")
  record Started(String role, String version, List<String> addresses) implements Event {}

  /** The routing table knows {@code peers} peers. */
  @JsonTypeName("joined")
  record Joined(int peers) implements Event {}

  /** Whether others reach this node ({@code reachable}, {@code unreachable}, {@code unknown}). */
  @JsonTypeName("reach")
  record Reach(String reach, List<String> addresses) implements Event {}

  @JsonTypeName("stopped")
  record Stopped(String why) implements Event {}

  /** A run ended {@code node}'s process from outside. */
  @JsonTypeName("killed")
  record Killed(String node, String how) implements Event {}

  @JsonTypeName("task-published")
  record TaskPublished(String task, String name, List<String> units) implements Event {}

  /** What a unit that is about to be claimed would take here. */
  @JsonTypeName("estimated")
  record Estimated(
      String task,
      String unit,
      double samplesPerSecond,
      long memoryBytes,
      double hours,
      String words)
      implements Event {}

  /** A unit needs more memory than a worker may have. */
  @JsonTypeName("too-large")
  record TooLarge(String task, String unit, long memoryBytes, long limitBytes) implements Event {}

  @JsonTypeName("claimed")
  record Claimed(String task, String unit, long leaseMs) implements Event {}

  @JsonTypeName("renewed")
  record Renewed(String task, String unit) implements Event {}

  /** The claim ended before the unit was finished. */
  @JsonTypeName("lease-lost")
  record LeaseLost(String task, String unit, String why) implements Event {}

  /** Nothing to train now; {@code why} says what the node does instead. */
  @JsonTypeName("standby")
  record Standby(String why) implements Event {}

  /**
   * Nothing is computed any more.
   *
   * @param by the condition that does not hold: the name of a setting, or {@code pause}
   * @param untilMs when it will be over, in milliseconds since 1970; 0 when that is not known
   */
  @JsonTypeName("paused")
  record Paused(String by, String why, long untilMs) implements Event {}

  /** What was paused goes on. */
  @JsonTypeName("resumed")
  record Resumed() implements Event {}

  /**
   * Whether blobs pass again, or do not any more.
   *
   * @param by the condition that does not hold, empty when all do
   */
  @JsonTypeName("network-held")
  record NetworkHeld(String by, String why, long untilMs) implements Event {}

  /** The owner's configuration changed; {@code restart} names what holds only after one. */
  @JsonTypeName("reconfigured")
  record Reconfigured(List<String> restart) implements Event {}

  /** The owner's configuration has a mistake, and the one before goes on to hold. */
  @JsonTypeName("misconfigured")
  record Misconfigured(String mistake, int count) implements Event {}

  @JsonTypeName("worker-started")
  record WorkerStarted(long process, String job) implements Event {}

  /** A worker ended without being asked to. */
  @JsonTypeName("worker-lost")
  record WorkerLost(long process, String how) implements Event {}

  /** Training starts from a manifest of another peer (or of an earlier life of this one). */
  @JsonTypeName("takeover")
  record TakeOver(String task, String unit, String parent, String author, long step)
      implements Event {}

  /**
   * Where training is.
   *
   * @param dataWaitShare share (0..1) of the time that it waited for data
   */
  @JsonTypeName("step")
  record Step(String unit, long step, double loss, double samplesPerSecond, double dataWaitShare)
      implements Event {}

  /** So many of a unit's samples cannot be decoded; others stand in for them. */
  @JsonTypeName("bad-samples")
  record BadSamples(String unit, int count) implements Event {}

  @JsonTypeName("checkpoint")
  record Checkpoint(String unit, long step) implements Event {}

  /** Training diverged at step {@code from} and goes on from the checkpoint at {@code step}. */
  @JsonTypeName("rolled-back")
  record RolledBack(String unit, long from, long step) implements Event {}

  /** {@code parent} is empty for the first manifest of a unit. */
  @JsonTypeName("manifest")
  record ManifestPublished(
      String task,
      String unit,
      String manifest,
      String parent,
      long step,
      double trainLoss,
      double validationLoss,
      boolean last)
      implements Event {}

  /** What an evaluator measured; {@code reason} is empty when it accepted. */
  @JsonTypeName("attested")
  record Attested(
      String task,
      String unit,
      String manifest,
      String author,
      boolean accepted,
      String reason,
      double publicLoss,
      double secretLoss,
      double initialLoss,
      double gaussianLoss)
      implements Event {}

  @JsonTypeName("unit-finished")
  record UnitFinished(String task, String unit, long step) implements Event {}

  /** A blob is complete and verified; {@code bytesFrom} counts what each peer or web seed gave. */
  @JsonTypeName("blob-fetched")
  record BlobFetched(String blob, long sizeBytes, double seconds, Map<String, Long> bytesFrom)
      implements Event {}

  /** Bytes this node has served to {@code peer} since it started. */
  @JsonTypeName("served")
  record Served(String peer, long totalBytes) implements Event {}

  /** Something a peer or a web seed sent was refused. */
  @JsonTypeName("refused")
  record Refused(String peer, String what, String reason) implements Event {}

  /** How the router spread {@code images} samples over the experts. */
  @JsonTypeName("sampled")
  record Sampled(String strategy, int images, Map<String, Long> routed) implements Event {}
}
