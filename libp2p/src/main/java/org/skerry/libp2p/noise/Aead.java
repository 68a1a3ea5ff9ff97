package org.skerry.libp2p.noise;

import java.nio.ByteBuffer;

/** ChaCha20-Poly1305 under one key (RFC 8439, section 2.8). Owned by one thread. */
interface Aead {
  int NONCE_BYTES = 12;
  int TAG_BYTES = 16;

  /** The fastest there is on this machine. */
  static Aead of(byte[] key) {
    return Libcrypto.usable()
        .<Aead>map(library -> library.aead(key))
        .orElseGet(() -> new JdkAead(key));
  }

  /**
   * Seals the remaining bytes of all of {@code in}, one behind the other, as one message into
   * {@code out}, and writes a tag more. They do not overlap unless there is one of them that begins
   * where {@code out} does.
   */
  void seal(byte[] nonce, byte[] ad, ByteBuffer[] in, ByteBuffer out);

  /**
   * Opens the remaining bytes of {@code in}, at least a tag, into {@code out}, and writes a tag
   * less. The two do not overlap unless they begin at the same place.
   *
   * @return false, and nothing to be used in {@code out}, when they do not authenticate
   */
  boolean open(byte[] nonce, byte[] ad, ByteBuffer in, ByteBuffer out);
}
