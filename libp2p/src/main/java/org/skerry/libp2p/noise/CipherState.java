package org.skerry.libp2p.noise;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key and its nonce counter (Noise, section 5.1) under ChaCha20-Poly1305. Owned by one thread.
 *
 * <p>The JDK's cipher works fastest when a ciphertext to open starts at offset 0 of its array; it
 * copies otherwise.
 */
final class CipherState {
  static final int TAG_BYTES = 16;

  /** 2^64 - 1 is reserved by the specification. */
  private static final long LAST_NONCE = -1L;

  private static final VarHandle LITTLE_ENDIAN_LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final SecretKeySpec key;
  private final Cipher cipher;
  private final byte[] iv = new byte[12];
  private long nonce;

  CipherState(byte[] key) {
    this(key, 0);
  }

  CipherState(byte[] key, long firstNonce) {
    this.key = new SecretKeySpec(key, "ChaCha20");
    this.nonce = firstNonce;
    try {
      this.cipher = Cipher.getInstance("ChaCha20-Poly1305");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no ChaCha20-Poly1305; use JDK 25", e);
    }
  }

  /** Whether no further message may pass. */
  boolean isExhausted() {
    return nonce == LAST_NONCE;
  }

  /** Seals {@code length} bytes of {@code in}; returns the bytes written, a tag more. */
  int encrypt(byte[] ad, byte[] in, int inOffset, int length, byte[] out, int outOffset) {
    try {
      start(Cipher.ENCRYPT_MODE, ad);
      int written = cipher.doFinal(in, inOffset, length, out, outOffset);
      nonce++;
      return written;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("ChaCha20-Poly1305 does not encrypt", e);
    }
  }

  /** Opens {@code length} bytes of {@code in}; returns the bytes written, a tag less. */
  int decrypt(byte[] ad, byte[] in, int inOffset, int length, byte[] out, int outOffset)
      throws NoiseException {
    if (length < TAG_BYTES) {
      throw new NoiseException(NoiseRejection.TRUNCATED, "a ciphertext of " + length + " bytes");
    }
    try {
      start(Cipher.DECRYPT_MODE, ad);
      int written = cipher.doFinal(in, inOffset, length, out, outOffset);
      nonce++;
      return written;
    } catch (AEADBadTagException e) {
      throw new NoiseException(NoiseRejection.BAD_TAG, "a message does not authenticate");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("ChaCha20-Poly1305 does not decrypt", e);
    }
  }

  private void start(int mode, byte[] ad) throws GeneralSecurityException {
    if (isExhausted()) {
      throw new IllegalStateException("the Noise channel has used its last nonce");
    }
    LITTLE_ENDIAN_LONG.set(iv, 4, nonce);
    cipher.init(mode, key, new IvParameterSpec(iv));
    if (ad.length > 0) {
      cipher.updateAAD(ad);
    }
  }
}
