package org.skerry.libp2p.noise;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** The JDK's own, which works fastest on whole arrays. */
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
  public void seal(byte[] nonce, byte[] ad, ByteBuffer[] in, ByteBuffer out) {
    byte[] plain = new byte[Arrays.stream(in).mapToInt(ByteBuffer::remaining).sum()];
    ByteBuffer all = ByteBuffer.wrap(plain);
    Arrays.stream(in).forEach(all::put);
    try {
      start(Cipher.ENCRYPT_MODE, nonce, ad);
      out.put(cipher.doFinal(plain));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("ChaCha20-Poly1305 does not encrypt", e);
    }
  }

  @Override
  public boolean open(byte[] nonce, byte[] ad, ByteBuffer in, ByteBuffer out) {
    byte[] sealed = new byte[in.remaining()];
    in.get(sealed);
    try {
      start(Cipher.DECRYPT_MODE, nonce, ad);
      out.put(sealed, 0, cipher.doFinal(sealed, 0, sealed.length, sealed));
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
