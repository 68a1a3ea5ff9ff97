package org.skerry.board.document;

import org.skerry.board.dagcbor.Value;
import org.skerry.libp2p.PeerId;

/**
 * A key hands over to another, which agrees: whoever followed the old key follows the new one.
 *
 * @param signer the old key, or its recovery key
 * @param consent the new key's word, which names the old one
 */
public record Succession(PeerId signer, SignedDocument<Consent> consent, long issuedAtMs)
    implements KeyStatement {
  public Succession {
    Bounds.count("issuedAtMs", issuedAtMs);
  }

  @Override
  public PeerId key() {
    return consent.document().key();
  }

  /** The new key. */
  public PeerId successor() {
    return consent.signer();
  }

  @Override
  public Value toValue() {
    return FieldWriter.document("succession", signer)
        .bytes("consent", consent.bytes())
        .integer("issuedAtMs", issuedAtMs)
        .end();
  }

  static Succession fromValue(Value value, EnvelopeReader nested) {
    FieldReader in = FieldReader.ofDocument("succession", value);
    Succession succession =
        new Succession(
            in.peer("signer"),
            nested.open(DocumentKind.CONSENT, in.bytes("consent")),
            in.integer("issuedAtMs"));
    in.end();
    return succession;
  }
}
