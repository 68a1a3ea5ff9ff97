package org.skerry.board.document;

import org.skerry.board.dagcbor.Value;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Cid;

/**
 * A peer says that it works on a unit, for the length of a lease that it renews while it does.
 *
 * @param claimedAtMs when this tenure began; a renewal repeats it
 * @param issuedAtMs when this claim was made
 * @param leaseMs how long it holds; 0 releases the unit
 * @param device what it trains on, one line for people
 * @param samplesPerSecond measured; 0 before anything was
 * @param step how far its training has come
 */
public record Claim(
    Cid task,
    int unit,
    PeerId peer,
    long sequence,
    long claimedAtMs,
    long issuedAtMs,
    long leaseMs,
    String device,
    double samplesPerSecond,
    long step)
    implements UnitDocument {
  public static final int MAX_DEVICE_BYTES = 96;

  public Claim {
    Bounds.document("task", task);
    Bounds.range("unit", unit, 0, TaskCharter.MAX_UNITS - 1);
    Bounds.count("sequence", sequence);
    Bounds.count("issuedAtMs", issuedAtMs);
    Bounds.range("claimedAtMs", claimedAtMs, 0, issuedAtMs);
    Bounds.range("leaseMs", leaseMs, 0, TaskCharter.MAX_LEASE_MS);
    Bounds.line("device", device, MAX_DEVICE_BYTES);
    samplesPerSecond = Bounds.real("samplesPerSecond", samplesPerSecond, 0, 1e12);
    Bounds.count("step", step);
  }

  /** Whether the peer gave the unit back. */
  public boolean isRelease() {
    return leaseMs == 0;
  }

  @Override
  public PeerId signer() {
    return peer;
  }

  @Override
  public Value toValue() {
    return FieldWriter.document("claim", peer)
        .link("task", task)
        .integer("unit", unit)
        .integer("sequence", sequence)
        .integer("claimedAtMs", claimedAtMs)
        .integer("issuedAtMs", issuedAtMs)
        .integer("leaseMs", leaseMs)
        .text("device", device)
        .real("samplesPerSecond", samplesPerSecond)
        .integer("step", step)
        .end();
  }

  static Claim fromValue(Value value) {
    FieldReader in = FieldReader.ofDocument("claim", value);
    Claim claim =
        new Claim(
            in.link("task"),
            in.smallInteger("unit"),
            in.peer("signer"),
            in.integer("sequence"),
            in.integer("claimedAtMs"),
            in.integer("issuedAtMs"),
            in.integer("leaseMs"),
            in.text("device"),
            in.real("samplesPerSecond"),
            in.integer("step"));
    in.end();
    return claim;
  }
}
