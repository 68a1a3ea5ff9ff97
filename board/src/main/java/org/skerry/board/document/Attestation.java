package org.skerry.board.document;

import org.skerry.board.dagcbor.Value;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Cid;

/**
 * An evaluator says what it measured of a manifest. It carries the whole signed manifest, so that
 * an accepted one outlives its author's next.
 */
public record Attestation(
    PeerId evaluator,
    long sequence,
    long issuedAtMs,
    SignedDocument<WeightManifest> manifest,
    AttestationMethod method,
    Measurements measured,
    Verdict verdict)
    implements UnitDocument {

  public Attestation {
    Bounds.count("sequence", sequence);
    Bounds.count("issuedAtMs", issuedAtMs);
  }

  @Override
  public PeerId signer() {
    return evaluator;
  }

  @Override
  public Cid task() {
    return manifest.document().task();
  }

  @Override
  public int unit() {
    return manifest.document().unit();
  }

  @Override
  public Value toValue() {
    return FieldWriter.document("attestation", evaluator)
        .integer("sequence", sequence)
        .integer("issuedAtMs", issuedAtMs)
        .bytes("manifest", manifest.bytes())
        .named("method", method)
        .value("measured", measured.toValue())
        .named("verdict", verdict)
        .end();
  }

  static Attestation fromValue(Value value, EnvelopeReader nested) {
    FieldReader in = FieldReader.ofDocument("attestation", value);
    Attestation attestation =
        new Attestation(
            in.peer("signer"),
            in.integer("sequence"),
            in.integer("issuedAtMs"),
            nested.open(DocumentKind.MANIFEST, in.bytes("manifest")),
            in.named("method", AttestationMethod.class),
            Measurements.fromValue(in.value("measured")),
            in.named("verdict", Verdict.class));
    in.end();
    return attestation;
  }
}
