package org.skerry.board.document;

import java.util.HashSet;
import java.util.List;
import org.skerry.board.dagcbor.Value;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Cid;

/**
 * The signed head of a task: what anybody must know who keeps its boards, and the id of the
 * manifest that says the rest. The task's id is the id of this payload. It is small on purpose:
 * every board carries it, so that a peer that never heard of the task can tell whose documents have
 * reserved slots, and every peer's answer is the same.
 *
 * @param units number of units
 * @param redundancy peers wanted at each unit
 * @param leaseMs the longest lease of a claim
 * @param manifest CID of the {@link TaskManifest}'s bytes
 * @param forkOf tasks, of whomever, whose weights this one's evaluators may accept for its units
 *     with the same index; see docs/PROTOCOL.md, section 4.8
 */
public record TaskCharter(
    PeerId publisher,
    long createdAtMs,
    int units,
    int redundancy,
    long leaseMs,
    AcceptancePolicy policy,
    Cid manifest,
    List<Cid> forkOf)
    implements Document {

  public static final int MAX_UNITS = 128;
  public static final int MAX_REDUNDANCY = 8;
  public static final long MIN_LEASE_MS = 1_000;
  public static final long MAX_LEASE_MS = 7L * 24 * 3600 * 1000;
  public static final int MAX_FORKED = 4;

  public TaskCharter {
    Bounds.count("createdAtMs", createdAtMs);
    Bounds.range("units", units, 1, MAX_UNITS);
    Bounds.range("redundancy", redundancy, 1, MAX_REDUNDANCY);
    Bounds.range("leaseMs", leaseMs, MIN_LEASE_MS, MAX_LEASE_MS);
    Bounds.document("manifest", manifest);
    forkOf = List.copyOf(forkOf);
    Bounds.size("forkOf", forkOf, 0, MAX_FORKED);
    forkOf.forEach(task -> Bounds.document("forkOf", task));
    if (new HashSet<>(forkOf).size() < forkOf.size()) {
      throw Bounds.outOfBounds("forkOf names a task twice");
    }
  }

  @Override
  public PeerId signer() {
    return publisher;
  }

  @Override
  public Value toValue() {
    return FieldWriter.document("task", publisher)
        .integer("createdAtMs", createdAtMs)
        .integer("units", units)
        .integer("redundancy", redundancy)
        .integer("leaseMs", leaseMs)
        .value("policy", policy.toValue())
        .link("manifest", manifest)
        .links("forkOf", forkOf)
        .end();
  }

  static TaskCharter fromValue(Value value) {
    FieldReader in = FieldReader.ofDocument("task", value);
    TaskCharter charter =
        new TaskCharter(
            in.peer("signer"),
            in.integer("createdAtMs"),
            in.smallInteger("units"),
            in.smallInteger("redundancy"),
            in.integer("leaseMs"),
            AcceptancePolicy.fromValue(in.value("policy")),
            in.link("manifest"),
            in.linksOrNone("forkOf"));
    in.end();
    return charter;
  }
}
