package org.skerry.libp2p.noise;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.multiformats.Multihash;

/** The chaining key, transcript hash and current cipher of a handshake (Noise, section 5.2). */
final class SymmetricState {
  private static final byte[] NOTHING = {};

  private byte[] hash;
  private byte[] chainingKey;
  private @Nullable CipherState cipher;

  /** {@code protocolName} has exactly 32 bytes, so it is its own first hash. */
  SymmetricState(String protocolName, byte[] prologue) {
    hash = protocolName.getBytes(StandardCharsets.US_ASCII);
    if (hash.length != 32) {
      throw new IllegalArgumentException("protocol name of " + hash.length + " bytes, not 32");
    }
    chainingKey = hash;
    mixHash(prologue);
  }

  byte[] hash() {
    return hash.clone();
  }

  void mixHash(byte[] data) {
    hash = Multihash.sha256Digest(hash, data);
  }

  void mixKey(byte[] sharedSecret) {
    byte[][] keys = hkdf(sharedSecret);
    chainingKey = keys[0];
    cipher = new CipherState(keys[1]);
  }

  byte[] encryptAndHash(byte[] plaintext) {
    byte[] out = cipher == null ? plaintext : cipher.encrypt(hash, plaintext);
    mixHash(out);
    return out;
  }

  byte[] decryptAndHash(byte[] ciphertext) throws NoiseException {
    byte[] out = cipher == null ? ciphertext : cipher.decrypt(hash, ciphertext);
    mixHash(ciphertext);
    return out;
  }

  /** The initiator's sending cipher and the responder's. */
  CipherState[] split() {
    byte[][] keys = hkdf(NOTHING);
    return new CipherState[] {new CipherState(keys[0]), new CipherState(keys[1])};
  }

  /** HKDF with two outputs (Noise, section 4.3). */
  private byte[][] hkdf(byte[] input) {
    byte[] temp = hmac(chainingKey, input);
    byte[] first = hmac(temp, new byte[] {1});
    byte[] second = Arrays.copyOf(first, first.length + 1);
    second[first.length] = 2;
    return new byte[][] {first, hmac(temp, second)};
  }

  private static byte[] hmac(byte[] key, byte[] data) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(data);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }
}
