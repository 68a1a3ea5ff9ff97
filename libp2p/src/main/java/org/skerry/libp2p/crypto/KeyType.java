package org.skerry.libp2p.crypto;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import org.bouncycastle.asn1.sec.SECNamedCurves;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.DSADigestSigner;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.jspecify.annotations.Nullable;

/**
 * The types of libp2p's identity keys, by the number that the key's protobuf has for them.
 *
 * @see <a href="https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md#key-types">key
 *     types</a>
 */
public enum KeyType {
  /** A DER SubjectPublicKeyInfo of 2048 to 8192 bits; PKCS #1 v1.5 signatures over SHA-256. */
  RSA(0) {
    @Override
    Verifier verifier(byte[] data) throws KeyFormatException {
      java.security.PublicKey key = ofDer("RSA", data);
      int bits = ((RSAPublicKey) key).getModulus().bitLength();
      if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
        throw new KeyFormatException("an RSA key of " + bits + " bits is not taken");
      }
      return (message, signature) -> verify("SHA256withRSA", key, message, signature);
    }
  },

  /** The 32 bytes of RFC 8032. */
  ED25519(1) {
    @Override
    Verifier verifier(byte[] raw) {
      if (raw.length != Ed25519.PUBLIC_KEY_SIZE) {
        throw new KeyFormatException("an Ed25519 public key has 32 bytes, not " + raw.length);
      }
      Ed25519.@Nullable PublicPoint point = Ed25519.validatePublicKeyFullExport(raw, 0);
      if (point == null) {
        throw new KeyFormatException("the bytes are not a point of full order on Ed25519");
      }
      return (message, signature) ->
          signature.length == Ed25519.SIGNATURE_SIZE
              && Ed25519.verify(signature, 0, point, message, 0, message.length);
    }
  },

  /** A compressed point of 33 bytes; DER signatures over SHA-256. */
  SECP256K1(2) {
    @Override
    Verifier verifier(byte[] data) {
      if (data.length != COMPRESSED_POINT_BYTES) {
        throw new KeyFormatException("a Secp256k1 public key has 33 bytes, not " + data.length);
      }
      X9ECParameters curve = SECNamedCurves.getByName("secp256k1");
      ECPublicKeyParameters key;
      try {
        key =
            new ECPublicKeyParameters(
                curve.getCurve().decodePoint(data), new ECDomainParameters(curve));
      } catch (IllegalArgumentException e) {
        throw new KeyFormatException("the bytes are no point of Secp256k1: " + e.getMessage());
      }
      return (message, signature) -> {
        DSADigestSigner signer = new DSADigestSigner(new ECDSASigner(), new SHA256Digest());
        signer.init(false, key);
        signer.update(message, 0, message.length);
        return signer.verifySignature(signature);
      };
    }
  },

  /** A DER SubjectPublicKeyInfo on a NIST curve; DER signatures over SHA-256. */
  ECDSA(3) {
    @Override
    Verifier verifier(byte[] data) {
      java.security.PublicKey key = ofDer("EC", data);
      int bits = ((ECPublicKey) key).getParams().getOrder().bitLength();
      if (bits < MIN_CURVE_BITS) {
        throw new KeyFormatException("an ECDSA key of " + bits + " bits is not taken");
      }
      return (message, signature) -> verify("SHA256withECDSA", key, message, signature);
    }
  };

  private static final int MIN_RSA_BITS = 2048;
  private static final int MAX_RSA_BITS = 8192;
  private static final int MIN_CURVE_BITS = 256;
  private static final int COMPRESSED_POINT_BYTES = 33;

  private final int code;

  KeyType(int code) {
    this.code = code;
  }

  /** Tells whether a signature is that of one key. */
  interface Verifier {
    boolean verify(byte[] message, byte[] signature);
  }

  int code() {
    return code;
  }

  static KeyType of(int code) {
    for (KeyType type : values()) {
      if (type.code == code) {
        return type;
      }
    }
    throw new KeyFormatException("key type " + code + " is not known (Ed25519 is 1)");
  }

  /**
   * Reads the key of a protobuf's data.
   *
   * @throws KeyFormatException when it is none of this type
   */
  abstract Verifier verifier(byte[] data);

  private static java.security.PublicKey ofDer(String algorithm, byte[] der) {
    try {
      java.security.PublicKey key =
          KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(der));
      if (!java.util.Arrays.equals(key.getEncoded(), der)) {
        throw new KeyFormatException("the " + algorithm + " key is not in its only DER form");
      }
      return key;
    } catch (GeneralSecurityException e) {
      throw new KeyFormatException("no " + algorithm + " key in DER: " + e.getMessage());
    }
  }

  private static boolean verify(
      String algorithm, java.security.PublicKey key, byte[] message, byte[] signature) {
    try {
      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(key);
      verifier.update(message);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      return false; // a signature that cannot be read is none
    }
  }
}
