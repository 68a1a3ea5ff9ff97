package org.skerry.node.key;

import java.time.InstantSource;
import java.util.Optional;
import org.skerry.board.document.Consent;
import org.skerry.board.document.KeyRecord;
import org.skerry.board.document.Recovery;
import org.skerry.board.document.Revocation;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Succession;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;

/** Signs what is said about keys. */
public record KeyWords(InstantSource clock) {

  /** {@code key} names its recovery key. */
  public KeyRecord recovery(PrivateKey key, PeerId recovery) {
    return KeyRecord.of(
        SignedDocument.seal(key, new Recovery(peer(key), recovery, clock.millis())));
  }

  /** {@code signer}, which is {@code key} or its recovery key, makes {@code next} its successor. */
  public KeyRecord succession(PrivateKey signer, PeerId key, PrivateKey next) {
    SignedDocument<Consent> consent =
        SignedDocument.seal(next, new Consent(peer(next), key, clock.millis()));
    return KeyRecord.of(
        SignedDocument.seal(signer, new Succession(peer(signer), consent, clock.millis())));
  }

  /**
   * {@code signer}, which is {@code key} or its recovery key, revokes it.
   *
   * @param recovery in the key's own word: who may still name a successor
   */
  public KeyRecord revocation(
      PrivateKey signer, PeerId key, Optional<PeerId> recovery, String reason) {
    return KeyRecord.of(
        SignedDocument.seal(
            signer, new Revocation(peer(signer), key, recovery, clock.millis(), reason)));
  }

  private static PeerId peer(PrivateKey key) {
    return PeerId.of(key.publicKey());
  }
}
