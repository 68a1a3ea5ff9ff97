package org.skerry.libp2p.noise;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A key and its nonce counter (Noise, section 5.1) under ChaCha20-Poly1305. Owned by one thread.
 */
final class CipherState {
  static final int TAG_BYTES = Aead.TAG_BYTES;

  /** 2^64 - 1 is reserved by the specification. */
  private static final long LAST_NONCE = -1L;

  private static final VarHandle LITTLE_ENDIAN_LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final Aead aead;
  private final byte[] iv = new byte[Aead.NONCE_BYTES];
  private long nonce;

  CipherState(byte[] key) {
    this(key, 0);
  }

  CipherState(byte[] key, long firstNonce) {
    this.aead = Aead.of(key);
    this.nonce = firstNonce;
  }

  /** Whether no further message may pass. */
  boolean isExhausted() {
    return nonce == LAST_NONCE;
  }

  /** Seals the remaining bytes of all of {@code in} as one message, and writes a tag more. */
  void encrypt(byte[] ad, ByteBuffer[] in, ByteBuffer out) {
    aead.seal(next(), ad, in, out);
    nonce++;
  }

  byte[] encrypt(byte[] ad, byte[] in) {
    byte[] out = new byte[in.length + TAG_BYTES];
    encrypt(ad, new ByteBuffer[] {ByteBuffer.wrap(in)}, ByteBuffer.wrap(out));
    return out;
  }

  /** Opens the remaining bytes of {@code in}, and writes a tag less. */
  void decrypt(byte[] ad, ByteBuffer in, ByteBuffer out) throws NoiseException {
    if (in.remaining() < TAG_BYTES) {
      throw new NoiseException(
          NoiseRejection.TRUNCATED, "a ciphertext of " + in.remaining() + " bytes");
    }
    if (!aead.open(next(), ad, in, out)) {
      throw new NoiseException(NoiseRejection.BAD_TAG, "a message does not authenticate");
    }
    nonce++;
  }

  byte[] decrypt(byte[] ad, byte[] in) throws NoiseException {
    byte[] out = new byte[Math.max(0, in.length - TAG_BYTES)];
    decrypt(ad, ByteBuffer.wrap(in), ByteBuffer.wrap(out));
    return out;
  }

  private byte[] next() {
    if (isExhausted()) {
      throw new IllegalStateException("the Noise channel has used its last nonce");
    }
    LITTLE_ENDIAN_LONG.set(iv, 4, nonce);
    return iv;
  }
}
