package org.skerry.libp2p.noise;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.crypto.PublicKey;

/** This host's Noise static key, and the identity key's signature over it, made once a start. */
public final class NoiseIdentity {
  private static final byte[] SIGNATURE_PREFIX =
      "noise-libp2p-static-key:".getBytes(StandardCharsets.US_ASCII);

  private final SecureRandom random;
  private final DhKeyPair staticKey;
  private final PublicKey publicKey;
  private final byte[] signature;

  private NoiseIdentity(PrivateKey identity, DhKeyPair staticKey, SecureRandom random) {
    this.random = random;
    this.staticKey = staticKey;
    this.publicKey = identity.publicKey();
    this.signature = identity.sign(signedBytes(staticKey.publicKey()));
  }

  public static NoiseIdentity create(PrivateKey identity, SecureRandom random) {
    return new NoiseIdentity(identity, DhKeyPair.generate(random), random);
  }

  static byte[] signedBytes(byte[] staticKey) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(SIGNATURE_PREFIX);
    out.writeBytes(staticKey);
    return out.toByteArray();
  }

  DhKeyPair staticKey() {
    return staticKey;
  }

  DhKeyPair newEphemeral() {
    return DhKeyPair.generate(random);
  }

  PublicKey publicKey() {
    return publicKey;
  }

  byte[] signature() {
    return signature.clone();
  }
}
