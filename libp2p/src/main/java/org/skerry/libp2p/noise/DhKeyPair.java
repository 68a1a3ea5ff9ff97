package org.skerry.libp2p.noise;

import java.security.SecureRandom;
import org.bouncycastle.math.ec.rfc7748.X25519;

/** An X25519 key pair. It never prints itself. */
final class DhKeyPair {
  static final int KEY_BYTES = 32;

  private final byte[] secret;
  private final byte[] publicKey = new byte[KEY_BYTES];

  private DhKeyPair(byte[] secret) {
    this.secret = secret;
    X25519.generatePublicKey(secret, 0, publicKey, 0);
  }

  static DhKeyPair generate(SecureRandom random) {
    byte[] secret = new byte[KEY_BYTES];
    random.nextBytes(secret);
    return new DhKeyPair(secret);
  }

  static DhKeyPair ofSecret(byte[] secret) {
    if (secret.length != KEY_BYTES) {
      throw new IllegalArgumentException("an X25519 secret of " + secret.length + " bytes, not 32");
    }
    return new DhKeyPair(secret.clone());
  }

  byte[] publicKey() {
    return publicKey.clone();
  }

  byte[] agree(byte[] remote) throws NoiseException {
    byte[] shared = new byte[KEY_BYTES];
    if (!X25519.calculateAgreement(secret, 0, remote, 0, shared, 0)) {
      throw new NoiseException(NoiseRejection.WEAK_KEY, "the other side's key has low order");
    }
    return shared;
  }

  @Override
  public String toString() {
    return "DhKeyPair[…]";
  }
}
