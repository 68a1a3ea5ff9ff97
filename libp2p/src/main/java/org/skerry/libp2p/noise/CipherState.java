package org.skerry.libp2p.noise;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
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

  /** Seals {@code length} bytes of {@code in}; returns the bytes written, a tag more. */
  int encrypt(byte[] ad, byte[] in, int inOffset, int length, byte[] out, int outOffset) {
    aead.seal(next(), ad, in, inOffset, length, out, outOffset);
    nonce++;
    return length + TAG_BYTES;
  }

  /** Opens {@code length} bytes of {@code in}; returns the bytes written, a tag less. */
  int decrypt(byte[] ad, byte[] in, int inOffset, int length, byte[] out, int outOffset)
      throws NoiseException {
    if (length < TAG_BYTES) {
      throw new NoiseException(NoiseRejection.TRUNCATED, "a ciphertext of " + length + " bytes");
    }
    if (!aead.open(next(), ad, in, inOffset, length, out, outOffset)) {
      throw new NoiseException(NoiseRejection.BAD_TAG, "a message does not authenticate");
    }
    nonce++;
    return length - TAG_BYTES;
  }

  private byte[] next() {
    if (isExhausted()) {
      throw new IllegalStateException("the Noise channel has used its last nonce");
    }
    LITTLE_ENDIAN_LONG.set(iv, 4, nonce);
    return iv;
  }
}
