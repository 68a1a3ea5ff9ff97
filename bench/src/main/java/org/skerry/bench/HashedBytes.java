package org.skerry.bench;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 of bytes in memory, on one thread. */
final class HashedBytes implements Transfer {
  static final String VARIANT = "sha-256";
  private static final int CHUNK_BYTES = 256 * 1024;

  @Override
  public String variant() {
    return VARIANT;
  }

  @Override
  public void move(long bytes) throws NoSuchAlgorithmException {
    byte[] chunk = new byte[CHUNK_BYTES];
    MessageDigest sha = MessageDigest.getInstance("SHA-256");
    for (long left = bytes; left > 0; left -= CHUNK_BYTES) {
      sha.update(chunk, 0, (int) Math.min(left, CHUNK_BYTES));
      chunk[0] = sha.digest()[0]; // so that nobody can leave the work out
    }
  }

  @Override
  public void close() {}
}
