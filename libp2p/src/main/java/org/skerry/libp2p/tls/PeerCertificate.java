package org.skerry.libp2p.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateEncodingException;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.Set;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.PeerId;

/**
 * What a peer's certificate must be.
 *
 * @see <a href="https://github.com/libp2p/specs/blob/master/tls/tls.md#peer-authentication">peer
 *     authentication</a>
 */
final class PeerCertificate {
  private static final Set<ASN1ObjectIdentifier> SIGNATURES =
      Set.of(
          X9ObjectIdentifiers.ecdsa_with_SHA256,
          X9ObjectIdentifiers.ecdsa_with_SHA384,
          X9ObjectIdentifiers.ecdsa_with_SHA512,
          PKCSObjectIdentifiers.sha256WithRSAEncryption,
          PKCSObjectIdentifiers.sha384WithRSAEncryption,
          PKCSObjectIdentifiers.sha512WithRSAEncryption,
          new ASN1ObjectIdentifier("1.3.101.112")); // Ed25519

  private PeerCertificate() {}

  /**
   * The identity that a chain of one certificate proves.
   *
   * @throws TlsException when it proves none
   */
  static PeerId verified(java.security.cert.Certificate @Nullable [] chain) throws TlsException {
    if (chain == null || chain.length != 1) {
      throw new TlsException(
          TlsRejection.CERTIFICATE_COUNT,
          (chain == null ? 0 : chain.length) + " certificates instead of one");
    }
    try {
      return proven(RawCertificate.read(chain[0].getEncoded()));
    } catch (CertificateEncodingException
        | IOException
        | IllegalArgumentException
        | IllegalStateException e) {
      throw new TlsException(
          TlsRejection.BAD_CERTIFICATE, "the certificate cannot be read: " + e.getMessage());
    }
  }

  static PeerId proven(RawCertificate certificate) throws TlsException {
    Instant now = Instant.now();
    if (now.isBefore(certificate.from()) || now.isAfter(certificate.to())) {
      throw new TlsException(
          TlsRejection.OUT_OF_DATE,
          "the certificate is valid from %s to %s".formatted(certificate.from(), certificate.to()));
    }
    Extension identity = identity(certificate.extensions());
    requireOwnSignature(certificate);
    return PeerId.of(
        IdentityExtension.verified(identity.getExtnValue().getOctets(), certificate.spki()));
  }

  private static Extension identity(@Nullable Extensions extensions) throws TlsException {
    Extension identity = null;
    if (extensions != null) {
      for (ASN1ObjectIdentifier critical : extensions.getCriticalExtensionOIDs()) {
        if (!critical.equals(IdentityExtension.OID)) {
          throw new TlsException(
              TlsRejection.BAD_CERTIFICATE, "the certificate's critical extension " + critical);
        }
      }
      identity = extensions.getExtension(IdentityExtension.OID);
    }
    if (identity == null) {
      throw new TlsException(TlsRejection.BAD_EXTENSION, "the certificate has no libp2p extension");
    }
    return identity;
  }

  private static void requireOwnSignature(RawCertificate certificate) throws TlsException {
    boolean own = false;
    String why = "";
    try {
      if (SIGNATURES.contains(certificate.signatureAlgorithm())) {
        PublicKey key =
            KeyFactory.getInstance(certificate.keyAlgorithm().getId())
                .generatePublic(new X509EncodedKeySpec(certificate.spki()));
        Signature verifier = Signature.getInstance(certificate.signatureAlgorithm().getId());
        verifier.initVerify(key);
        verifier.update(certificate.body());
        own = verifier.verify(certificate.signature());
      }
    } catch (GeneralSecurityException e) {
      why = ": " + e.getMessage();
    }
    if (!own) {
      throw new TlsException(
          TlsRejection.BAD_CERTIFICATE, "the certificate is not signed by its own key" + why);
    }
  }
}
