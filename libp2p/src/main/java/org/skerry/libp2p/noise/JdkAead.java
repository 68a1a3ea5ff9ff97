package org.skerry.libp2p.noise;

import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The JDK's own. It works fastest when a ciphertext to open starts at offset 0 of its array; it
 * copies otherwise.
 */
final class JdkAead implements Aead {
  private final SecretKeySpec key;
  private final Cipher cipher;

  JdkAead(byte[] key) {
    this.key = new SecretKeySpec(key, "ChaCha20");
    try {
      this.cipher = Cipher.getInstance("ChaCha20-Poly1305");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no ChaCha20-Poly1305; use JDK 25", e);
    }
  }

  @Override
  public void seal(
      byte[] nonce, byte[] ad, byte[] in, int inOffset, int length, byte[] out, int outOffset) {
    try {
      start(Cipher.ENCRYPT_MODE, nonce, ad);
      cipher.doFinal(in, inOffset, length, out, outOffset);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("ChaCha20-Poly1305 does not encrypt", e);
    }
  }

  @Override
  public boolean open(
      byte[] nonce, byte[] ad, byte[] in, int inOffset, int length, byte[] out, int outOffset) {
    try {
      start(Cipher.DECRYPT_MODE, nonce, ad);
      cipher.doFinal(in, inOffset, length, out, outOffset);
      return true;
    } catch (AEADBadTagException e) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("ChaCha20-Poly1305 does not decrypt", e);
    }
  }

  private void start(int mode, byte[] nonce, byte[] ad) throws GeneralSecurityException {
    cipher.init(mode, key, new IvParameterSpec(nonce));
    if (ad.length > 0) {
      cipher.updateAAD(ad);
    }
  }
}
