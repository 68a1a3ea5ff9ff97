package org.skerry.libp2p.multiformats;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A digest that names its hash function. Skerry makes and accepts two: identity and sha2-256.
 *
 * @see <a href="https://github.com/multiformats/multihash">multihash</a>
 */
public final class Multihash {
  public static final int IDENTITY = 0x00;
  public static final int SHA2_256 = 0x12;
  private static final int MAX_IDENTITY_BYTES = 128;

  private final int code;
  private final byte[] digest;
  private final int hash;

  private Multihash(int code, byte[] digest) {
    int size = digest.length;
    if (code == SHA2_256 ? size != 32 : code != IDENTITY || size > MAX_IDENTITY_BYTES) {
      throw new MultiformatException(
          "multihash 0x" + Integer.toHexString(code) + " of " + size + " bytes is not supported");
    }
    this.code = code;
    this.digest = digest;
    hash = 31 * code + Arrays.hashCode(digest);
  }

  public static Multihash identity(byte[] bytes) {
    return new Multihash(IDENTITY, bytes.clone());
  }

  /** Hashes {@code bytes} with SHA-256. */
  public static Multihash sha256(byte[] bytes) {
    return new Multihash(SHA2_256, sha256Digest(bytes));
  }

  /** Wraps a SHA-256 digest that was computed elsewhere. */
  public static Multihash ofSha256(byte[] digest) {
    return new Multihash(SHA2_256, digest.clone());
  }

  /** SHA-256 of the concatenation of {@code parts}. */
  public static byte[] sha256Digest(byte[]... parts) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      for (byte[] part : parts) {
        sha.update(part);
      }
      return sha.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Reads a multihash at the buffer's position. */
  public static Multihash read(ByteBuffer in) {
    int code = Varint.readInt(in, Integer.MAX_VALUE);
    int size = Varint.readInt(in, MAX_IDENTITY_BYTES);
    if (in.remaining() < size) {
      throw new MultiformatException("multihash is truncated");
    }
    byte[] digest = new byte[size];
    in.get(digest);
    return new Multihash(code, digest);
  }

  /** Parses exactly {@code bytes}. */
  public static Multihash ofBytes(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    Multihash hash = read(in);
    if (in.hasRemaining()) {
      throw new MultiformatException("multihash has " + in.remaining() + " trailing bytes");
    }
    return hash;
  }

  public int code() {
    return code;
  }

  public byte[] digest() {
    return digest.clone();
  }

  public byte[] bytes() {
    byte[] head = Varint.encode(code);
    byte[] size = Varint.encode(digest.length);
    return ByteBuffer.allocate(head.length + size.length + digest.length)
        .put(head)
        .put(size)
        .put(digest)
        .array();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Multihash that
        && code == that.code
        && Arrays.equals(digest, that.digest);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes());
  }
}
