package org.skerry.board.document;

import java.util.Arrays;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.dagcbor.DagCbor;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.SignedEnvelope;
import org.skerry.libp2p.crypto.KeyType;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.multiformats.Cid;

/**
 * A document with the envelope it came in, byte for byte. Whoever holds one knows that the
 * signature is good and that the signer is the one the payload names.
 */
public final class SignedDocument<T extends Document> {
  private final T document;
  private final Cid id;
  private final byte[] bytes;

  private SignedDocument(T document, Cid id, byte[] bytes) {
    this.document = document;
    this.id = id;
    this.bytes = bytes;
  }

  /**
   * Signs {@code document}.
   *
   * @throws BoardException when {@code key} is not the one of the document's signer, or the
   *     envelope exceeds its kind's size
   */
  public static <T extends Document> SignedDocument<T> seal(PrivateKey key, T document) {
    DocumentKind<T> kind = DocumentKind.of(document);
    requireSigner(kind, document, PeerId.of(key.publicKey()));
    byte[] payload = DagCbor.encode(document.toValue());
    byte[] bytes = SignedEnvelope.seal(key, kind.domain(), kind.payloadType(), payload).bytes();
    requireSize(kind, bytes);
    return new SignedDocument<>(document, DagCbor.cidOf(payload), bytes);
  }

  /**
   * Reads and verifies a signed envelope of {@code kind}.
   *
   * @throws BoardException with the reason when it is anything else
   */
  public static <T extends Document> SignedDocument<T> open(DocumentKind<T> kind, byte[] bytes) {
    return EnvelopeReader.ANEW.open(kind, bytes);
  }

  /**
   * As {@link #open(DocumentKind, byte[])}; an envelope inside the document is read by {@code
   * nested}.
   */
  public static <T extends Document> SignedDocument<T> open(
      DocumentKind<T> kind, byte[] bytes, EnvelopeReader nested) {
    requireSize(kind, bytes);
    SignedEnvelope envelope = envelope(kind, bytes);
    if (!Arrays.equals(envelope.payloadType(), kind.payloadType())) {
      throw new BoardException(
          Refusal.WRONG_KIND, "the envelope's payload type is not the one of a " + kind.name());
    }
    byte[] payload = envelope.payload();
    T document = kind.reader().apply(DagCbor.decode(payload, kind.maxEnvelopeBytes()), nested);
    requireSigner(kind, document, PeerId.of(envelope.signer()));
    if (!envelope.isSignedFor(kind.domain(), kind.payloadType())) {
      throw new BoardException(
          Refusal.BAD_SIGNATURE, "the signature of a " + kind.name() + " does not hold");
    }
    return new SignedDocument<>(document, DagCbor.cidOf(payload), bytes.clone());
  }

  private static void requireSize(DocumentKind<?> kind, byte[] bytes) {
    if (bytes.length > kind.maxEnvelopeBytes()) {
      throw new BoardException(
          Refusal.TOO_LARGE,
          "a signed "
              + kind.name()
              + " of "
              + bytes.length
              + " bytes; at most "
              + kind.maxEnvelopeBytes()
              + " are allowed");
    }
  }

  private static SignedEnvelope envelope(DocumentKind<?> kind, byte[] bytes) {
    SignedEnvelope envelope;
    try {
      envelope = SignedEnvelope.decode(bytes);
    } catch (IllegalArgumentException e) {
      throw new BoardException(
          Refusal.MALFORMED, "a " + kind.name() + " is no signed envelope: " + e.getMessage(), e);
    }
    if (envelope.signer().type() != KeyType.ED25519) {
      throw new BoardException(
          Refusal.MALFORMED,
          "a " + kind.name() + " is signed by a key of type " + envelope.signer().type());
    }
    if (!Arrays.equals(envelope.bytes(), bytes)) {
      throw new BoardException(
          Refusal.NOT_CANONICAL, "the envelope of a " + kind.name() + " has a second spelling");
    }
    return envelope;
  }

  private static void requireSigner(DocumentKind<?> kind, Document document, PeerId owner) {
    if (!document.signer().equals(owner)) {
      throw new BoardException(
          Refusal.SIGNER_MISMATCH,
          "a "
              + kind.name()
              + " names "
              + document.signer()
              + " as its signer and is sealed by "
              + owner);
    }
  }

  public T document() {
    return document;
  }

  /** The CID of the payload: the document's name everywhere. */
  public Cid id() {
    return id;
  }

  public PeerId signer() {
    return document.signer();
  }

  /** The envelope, exactly as it was received or sealed. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** The size of the envelope. */
  public int sizeBytes() {
    return bytes.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SignedDocument<?> that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }

  @Override
  public String toString() {
    return "Signed[" + id + " " + document + "]";
  }
}
