package org.skerry.libp2p.tls;

import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.BERTags;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.jspecify.annotations.Nullable;

/**
 * The parts of an X.509 certificate that identify a peer. Names are not looked at: js-libp2p's are
 * empty, which the platform and BouncyCastle refuse, as RFC 5280 has it for authorities.
 *
 * @param body DER of the part that is signed
 * @param spki DER SubjectPublicKeyInfo
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record RawCertificate(
    byte[] body,
    ASN1ObjectIdentifier signatureAlgorithm,
    byte[] signature,
    Instant from,
    Instant to,
    byte[] spki,
    ASN1ObjectIdentifier keyAlgorithm,
    @Nullable Extensions extensions) {
  private static final int MAX_BYTES = 16 << 10;
  private static final int EXTENSIONS_TAG = 3;

  /**
   * Reads a certificate (RFC 5280, section 4.1).
   *
   * @throws IOException or IllegalArgumentException or IllegalStateException when it is none, as
   *     the library happens to tell it
   */
  static RawCertificate read(byte[] der) throws IOException {
    if (der.length > MAX_BYTES) {
      throw new IOException(der.length + " bytes are too many");
    }
    ASN1Sequence certificate = sequence(ASN1Primitive.fromByteArray(der), 3);
    if (!Arrays.equals(certificate.getEncoded(ASN1Encoding.DER), der)) {
      throw new IOException("it is not DER");
    }
    ASN1Sequence body = sequence(certificate.getObjectAt(0), 6);
    int at = body.getObjectAt(0) instanceof ASN1TaggedObject ? 1 : 0; // the version has a default
    if (body.size() < at + 6) {
      throw new IOException("a body of " + body.size() + " parts");
    }
    ASN1Sequence validity = sequence(body.getObjectAt(at + 3), 2);
    SubjectPublicKeyInfo key = SubjectPublicKeyInfo.getInstance(body.getObjectAt(at + 5));
    if (!(certificate.getObjectAt(2) instanceof ASN1BitString signature)) {
      throw new IOException("no signature");
    }
    return new RawCertificate(
        body.getEncoded(ASN1Encoding.DER),
        AlgorithmIdentifier.getInstance(certificate.getObjectAt(1)).getAlgorithm(),
        signature.getOctets(),
        Time.getInstance(validity.getObjectAt(0)).getDate().toInstant(),
        Time.getInstance(validity.getObjectAt(1)).getDate().toInstant(),
        key.getEncoded(ASN1Encoding.DER),
        key.getAlgorithm().getAlgorithm(),
        extensions(body, at + 6));
  }

  private static ASN1Sequence sequence(@Nullable ASN1Encodable value, int leastSize)
      throws IOException {
    if (value instanceof ASN1Sequence sequence && sequence.size() >= leastSize) {
      return sequence;
    }
    throw new IOException("no sequence of " + leastSize + " parts where one should be");
  }

  private static @Nullable Extensions extensions(ASN1Sequence body, int from) {
    for (int i = from; i < body.size(); i++) {
      if (body.getObjectAt(i) instanceof ASN1TaggedObject tagged
          && tagged.hasTag(BERTags.CONTEXT_SPECIFIC, EXTENSIONS_TAG)) {
        return Extensions.getInstance(tagged.getExplicitBaseObject());
      }
    }
    return null;
  }
}
