package org.skerry.board.document;

import org.skerry.board.dagcbor.Value;
import org.skerry.libp2p.PeerId;

/**
 * A key names, once and for good, the one whose word about it counts more than its own.
 *
 * @param recovery another key, which its owner keeps where no computer reads it
 */
public record Recovery(PeerId key, PeerId recovery, long issuedAtMs) implements KeyStatement {
  public Recovery {
    if (recovery.equals(key)) {
      throw Bounds.outOfBounds("a recovery key that is the key itself");
    }
    Bounds.count("issuedAtMs", issuedAtMs);
  }

  @Override
  public PeerId signer() {
    return key;
  }

  @Override
  public Value toValue() {
    return FieldWriter.document("recovery", key)
        .peer("recovery", recovery)
        .integer("issuedAtMs", issuedAtMs)
        .end();
  }

  static Recovery fromValue(Value value) {
    FieldReader in = FieldReader.ofDocument("recovery", value);
    Recovery recovery =
        new Recovery(in.peer("signer"), in.peer("recovery"), in.integer("issuedAtMs"));
    in.end();
    return recovery;
  }
}
