package org.skerry.board.document;

import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.libp2p.SignedEnvelope;

/** Decides whether an envelope's signature holds, perhaps from memory or within a budget. */
@FunctionalInterface
public interface SignatureCheck {
  /** Verifies every signature anew. */
  SignatureCheck ALWAYS =
      (kind, envelope, bytes) -> {
        if (!envelope.isSignedFor(kind.domain(), kind.payloadType())) {
          throw new BoardException(
              Refusal.BAD_SIGNATURE, "the signature of a " + kind.name() + " does not hold");
        }
      };

  /**
   * Returns when the signature holds.
   *
   * @param bytes what {@code envelope} was decoded from
   * @throws BoardException otherwise
   */
  void verify(DocumentKind<?> kind, SignedEnvelope envelope, byte[] bytes);
}
