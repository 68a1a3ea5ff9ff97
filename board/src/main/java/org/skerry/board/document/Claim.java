package org.skerry.board.document;

import java.util.Optional;
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
 * @param step how far its training has come; for a unit that is not trained, what it counts instead
 * @param fetchedBytes what it has of the data it needs before its first step: a slow line's
 *     progress
 * @param manifest in a release, the weights that a successor goes on from
 * @param standing a named evaluator's word that it accepted this peer's weights on this unit, which
 *     earns the claim a slot that keys made for the purpose cannot take
 * @param weights with standing only, the peer's newest manifest, which shares that slot
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
    long step,
    long fetchedBytes,
    Optional<Cid> manifest,
    Optional<SignedDocument<Attestation>> standing,
    Optional<SignedDocument<WeightManifest>> weights)
    implements UnitDocument {
  public static final int MAX_DEVICE_BYTES = 96;

  /** The greatest envelope of a claim without standing. */
  public static final int MAX_PLAIN_BYTES = 640;

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
    Bounds.count("fetchedBytes", fetchedBytes);
    manifest.ifPresent(id -> Bounds.document("manifest", id));
    if (manifest.isPresent() && leaseMs > 0) {
      throw Bounds.outOfBounds("only a release hands weights over");
    }
    if (weights.isPresent() && standing.isEmpty()) {
      throw Bounds.outOfBounds("a claim without standing carries no weights");
    }
  }

  /** A claim that says nothing but where its training is. */
  public Claim(
      Cid task,
      int unit,
      PeerId peer,
      long sequence,
      long claimedAtMs,
      long issuedAtMs,
      long leaseMs,
      String device,
      double samplesPerSecond,
      long step) {
    this(
        task,
        unit,
        peer,
        sequence,
        claimedAtMs,
        issuedAtMs,
        leaseMs,
        device,
        samplesPerSecond,
        step,
        0,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
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
    FieldWriter out = FieldWriter.document("claim", peer);
    standing.ifPresent(attestation -> out.bytes("standing", attestation.bytes()));
    weights.ifPresent(signed -> out.bytes("weights", signed.bytes()));
    return out.link("task", task)
        .integer("unit", unit)
        .integer("sequence", sequence)
        .integer("claimedAtMs", claimedAtMs)
        .integer("issuedAtMs", issuedAtMs)
        .integer("leaseMs", leaseMs)
        .text("device", device)
        .real("samplesPerSecond", samplesPerSecond)
        .integer("step", step)
        .integerUnlessZero("fetchedBytes", fetchedBytes)
        .link("manifest", manifest)
        .end();
  }

  static Claim fromValue(Value value, EnvelopeReader nested) {
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
            in.integer("step"),
            in.integerOrZero("fetchedBytes"),
            in.optionalLink("manifest"),
            in.optionalBytes("standing").map(bytes -> nested.open(DocumentKind.ATTESTATION, bytes)),
            in.optionalBytes("weights").map(bytes -> nested.open(DocumentKind.MANIFEST, bytes)));
    in.end();
    return claim;
  }
}
