package org.skerry.board.document;

import java.util.Optional;
import org.skerry.board.dagcbor.Value;
import org.skerry.libp2p.PeerId;

/**
 * A key is no longer to be believed. There is no way back.
 *
 * @param signer the key, or its recovery key
 * @param recovery in the key's own word: whose word about it still counts, which is the one it
 *     named before; absent: nobody's
 * @param reason one line for people
 */
public record Revocation(
    PeerId signer, PeerId key, Optional<PeerId> recovery, long issuedAtMs, String reason)
    implements KeyStatement {
  public static final int MAX_REASON_BYTES = 200;

  public Revocation {
    if (recovery.filter(other -> other.equals(key) || !signer.equals(key)).isPresent()) {
      throw Bounds.outOfBounds("recovery of a revocation that is not the key's own");
    }
    Bounds.count("issuedAtMs", issuedAtMs);
    Bounds.line("reason", reason, MAX_REASON_BYTES);
  }

  /** Whether the key itself says so. */
  public boolean isOwn() {
    return signer.equals(key);
  }

  @Override
  public Value toValue() {
    return FieldWriter.document("revocation", signer)
        .peer("key", key)
        .peer("recovery", recovery)
        .integer("issuedAtMs", issuedAtMs)
        .text("reason", reason)
        .end();
  }

  static Revocation fromValue(Value value) {
    FieldReader in = FieldReader.ofDocument("revocation", value);
    Revocation revocation =
        new Revocation(
            in.peer("signer"),
            in.peer("key"),
            in.optionalPeer("recovery"),
            in.integer("issuedAtMs"),
            in.text("reason"));
    in.end();
    return revocation;
  }
}
