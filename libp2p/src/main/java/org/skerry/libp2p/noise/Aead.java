package org.skerry.libp2p.noise;

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

  /** Seals {@code length} bytes of {@code in}, and writes a tag more. */
  void seal(
      byte[] nonce, byte[] ad, byte[] in, int inOffset, int length, byte[] out, int outOffset);

  /**
   * Opens {@code length} bytes of {@code in}, at least a tag, and writes a tag less. The two ranges
   * do not overlap unless they begin at the same place of one array.
   *
   * @return false, and nothing to be used in {@code out}, when they do not authenticate
   */
  boolean open(
      byte[] nonce, byte[] ad, byte[] in, int inOffset, int length, byte[] out, int outOffset);
}
