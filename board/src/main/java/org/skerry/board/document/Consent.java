package org.skerry.board.document;

import org.skerry.board.dagcbor.Value;
import org.skerry.libp2p.PeerId;

/**
 * The owner of a key is willing to be another key's successor, so that nobody is made heir of what
 * he never heard of. It says nothing by itself; see {@link Succession}.
 *
 * @param key whose successor
 */
public record Consent(PeerId successor, PeerId key, long issuedAtMs) implements Document {
  public Consent {
    if (successor.equals(key)) {
      throw Bounds.outOfBounds("a key that succeeds itself");
    }
    Bounds.count("issuedAtMs", issuedAtMs);
  }

  @Override
  public PeerId signer() {
    return successor;
  }

  @Override
  public Value toValue() {
    return FieldWriter.document("consent", successor)
        .peer("key", key)
        .integer("issuedAtMs", issuedAtMs)
        .end();
  }

  static Consent fromValue(Value value) {
    FieldReader in = FieldReader.ofDocument("consent", value);
    Consent consent = new Consent(in.peer("signer"), in.peer("key"), in.integer("issuedAtMs"));
    in.end();
    return consent;
  }
}
