package org.skerry.libp2p.crypto;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/** An Ed25519 identity key. It never prints itself. */
public final class PrivateKey {
  private static final int SEED_BYTES = 32;

  private final byte[] seed;
  private final PublicKey publicKey;

  private PrivateKey(byte[] seed) {
    this.seed = seed;
    byte[] raw = new byte[Ed25519.PUBLIC_KEY_SIZE];
    Ed25519.generatePublicKey(seed, 0, raw, 0);
    this.publicKey = PublicKey.ofRaw(raw);
  }

  public static PrivateKey generate(SecureRandom random) {
    byte[] seed = new byte[SEED_BYTES];
    random.nextBytes(seed);
    return new PrivateKey(seed);
  }

  /** The key whose RFC 8032 seed is {@code seed} (32 bytes). */
  public static PrivateKey ofSeed(byte[] seed) {
    if (seed.length != SEED_BYTES) {
      throw new KeyFormatException("an Ed25519 seed has 32 bytes, not " + seed.length);
    }
    return new PrivateKey(seed.clone());
  }

  /** Decodes the protobuf {@code PrivateKey {Type = Ed25519, Data = seed ‖ public}}. */
  public static PrivateKey decode(byte[] encoded) {
    ByteBuffer in = ByteBuffer.wrap(encoded);
    KeyType type = PublicKey.KeyProtobuf.readType(in);
    if (type != KeyType.ED25519) {
      throw new KeyFormatException("a private key of type " + type + " is not taken, but Ed25519");
    }
    byte[] data = PublicKey.KeyProtobuf.readData(in);
    if (data.length != 2 * SEED_BYTES) {
      throw new KeyFormatException(
          "an Ed25519 private key holds 64 bytes (seed and public key), not " + data.length);
    }
    PrivateKey key = new PrivateKey(Arrays.copyOf(data, SEED_BYTES));
    if (!Arrays.equals(key.publicKey.raw(), Arrays.copyOfRange(data, SEED_BYTES, 2 * SEED_BYTES))) {
      throw new KeyFormatException("the private key's two halves do not belong together");
    }
    return key;
  }

  /** The protobuf that stands in a key file. */
  public byte[] encoded() {
    byte[] data = Arrays.copyOf(seed, 2 * SEED_BYTES);
    System.arraycopy(publicKey.raw(), 0, data, SEED_BYTES, SEED_BYTES);
    return PublicKey.KeyProtobuf.encode(KeyType.ED25519, data);
  }

  public PublicKey publicKey() {
    return publicKey;
  }

  /** The 64-byte Ed25519 signature of {@code message}. */
  public byte[] sign(byte[] message) {
    byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
    Ed25519.sign(seed, 0, message, 0, message.length, signature, 0);
    return signature;
  }

  @Override
  public String toString() {
    return "PrivateKey[…]";
  }
}
