package org.skerry.libp2p.tls;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.crypto.PublicKey;

/**
 * The certificate's extension that proves an identity: {@code SignedKey ::= SEQUENCE { publicKey
 * OCTET STRING, signature OCTET STRING }}.
 *
 * @see <a
 *     href="https://github.com/libp2p/specs/blob/master/tls/tls.md#libp2p-public-key-extension">the
 *     extension</a>
 */
final class IdentityExtension {
  static final ASN1ObjectIdentifier OID = new ASN1ObjectIdentifier("1.3.6.1.4.1.53594.1.1");
  private static final byte[] SIGNATURE_PREFIX =
      "libp2p-tls-handshake:".getBytes(StandardCharsets.US_ASCII);

  /** Two octet strings of keys and signatures: RSA's largest are below two kilobytes. */
  private static final int MAX_BYTES = 4096;

  private IdentityExtension() {}

  /**
   * The extension's value.
   *
   * @param spki DER SubjectPublicKeyInfo of the certificate's key
   */
  static byte[] of(PrivateKey identity, byte[] spki) {
    try {
      return new DERSequence(
              new DEROctetString(identity.publicKey().encoded()),
              new DEROctetString(identity.sign(signedBytes(spki))))
          .getEncoded(ASN1Encoding.DER);
    } catch (IOException e) {
      throw new IllegalStateException("two octet strings have an encoding", e);
    }
  }

  /**
   * The identity that an extension proves for the certificate with the key {@code spki}.
   *
   * @param value the extension's
   */
  static PublicKey verified(byte[] value, byte[] spki) throws TlsException {
    byte[] signature;
    PublicKey key;
    try {
      if (value.length > MAX_BYTES) {
        throw new IOException(value.length + " bytes are too many");
      }
      if (!(ASN1Primitive.fromByteArray(value) instanceof ASN1Sequence signedKey)
          || signedKey.size() != 2) {
        throw new IOException("no sequence of two");
      }
      signature = octets(signedKey.getObjectAt(1));
      key = PublicKey.decode(octets(signedKey.getObjectAt(0)));
    } catch (IOException | IllegalArgumentException | IllegalStateException e) {
      throw new TlsException(
          TlsRejection.BAD_EXTENSION, "the certificate's libp2p extension: " + e.getMessage());
    }
    if (!key.verify(signedBytes(spki), signature)) {
      throw new TlsException(
          TlsRejection.BAD_SIGNATURE, "the identity key did not sign the certificate's key");
    }
    return key;
  }

  private static byte[] octets(@Nullable ASN1Encodable value) throws IOException {
    if (value instanceof ASN1OctetString octets) {
      return octets.getOctets();
    }
    throw new IOException("no octet string where one should be");
  }

  private static byte[] signedBytes(byte[] spki) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(SIGNATURE_PREFIX);
    out.writeBytes(spki);
    return out.toByteArray();
  }
}
