package org.skerry.board.document;

import java.util.Optional;
import org.skerry.board.dagcbor.Value;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Cid;

/**
 * A peer publishes the weights it has trained so far.
 *
 * @param step of the recipe's steps
 * @param samplesSeen along the whole line of parents
 * @param parent id of the manifest it was resumed from
 * @param weights blob of the averaged (EMA) weights
 * @param bfloat16 blob of {@code weights} rounded to bfloat16, for who wants half the bytes
 * @param resume blob of raw weights and optimizer state, from which another peer can go on
 * @param trainLoss recent mean; NaN when there is none
 * @param validationLoss the author's own on the public shard; NaN when there is none
 * @param software name and version that trained it
 * @param last whether the author has finished the recipe
 */
public record WeightManifest(
    Cid task,
    int unit,
    PeerId peer,
    long sequence,
    long issuedAtMs,
    long step,
    long samplesSeen,
    Optional<Cid> parent,
    Cid weights,
    Optional<Cid> bfloat16,
    Optional<Cid> resume,
    double trainLoss,
    double validationLoss,
    String software,
    boolean last)
    implements UnitDocument {

  public static final int MAX_SOFTWARE_BYTES = 64;

  public WeightManifest {
    Bounds.document("task", task);
    Bounds.range("unit", unit, 0, TaskCharter.MAX_UNITS - 1);
    Bounds.count("sequence", sequence);
    Bounds.count("issuedAtMs", issuedAtMs);
    Bounds.count("step", step);
    Bounds.count("samplesSeen", samplesSeen);
    parent.ifPresent(id -> Bounds.document("parent", id));
    Bounds.blob("weights", weights);
    bfloat16.ifPresent(blob -> Bounds.blob("bfloat16", blob));
    resume.ifPresent(blob -> Bounds.blob("resume", blob));
    trainLoss = Bounds.measured(trainLoss);
    validationLoss = Bounds.measured(validationLoss);
    Bounds.line("software", software, MAX_SOFTWARE_BYTES);
  }

  @Override
  public PeerId signer() {
    return peer;
  }

  @Override
  public Value toValue() {
    return FieldWriter.document("manifest", peer)
        .link("task", task)
        .integer("unit", unit)
        .integer("sequence", sequence)
        .integer("issuedAtMs", issuedAtMs)
        .integer("step", step)
        .integer("samplesSeen", samplesSeen)
        .link("parent", parent)
        .link("weights", weights)
        .link("bfloat16", bfloat16)
        .link("resume", resume)
        .realUnlessNan("trainLoss", trainLoss)
        .realUnlessNan("validationLoss", validationLoss)
        .text("software", software)
        .bool("last", last)
        .end();
  }

  static WeightManifest fromValue(Value value) {
    FieldReader in = FieldReader.ofDocument("manifest", value);
    WeightManifest manifest =
        new WeightManifest(
            in.link("task"),
            in.smallInteger("unit"),
            in.peer("signer"),
            in.integer("sequence"),
            in.integer("issuedAtMs"),
            in.integer("step"),
            in.integer("samplesSeen"),
            in.optionalLink("parent"),
            in.link("weights"),
            in.optionalLink("bfloat16"),
            in.optionalLink("resume"),
            in.realOrNan("trainLoss"),
            in.realOrNan("validationLoss"),
            in.text("software"),
            in.bool("last"));
    in.end();
    return manifest;
  }
}
