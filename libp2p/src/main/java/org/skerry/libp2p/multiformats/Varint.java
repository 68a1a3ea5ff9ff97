package org.skerry.libp2p.multiformats;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/**
 * Unsigned varints as multiformats define them: little-endian base-128, at most nine bytes,
 * minimal.
 *
 * @see <a href="https://github.com/multiformats/unsigned-varint">unsigned-varint</a>
 */
public final class Varint {
  /** The specification's limit: 63 bits. */
  public static final int MAX_BYTES = 9;

  private Varint() {}

  /** Encodes {@code value}, which must not be negative. */
  public static byte[] encode(long value) {
    if (value < 0) {
      throw new IllegalArgumentException("varint " + value + " is negative");
    }
    byte[] out = new byte[size(value)];
    long rest = value;
    for (int i = 0; i < out.length; i++) {
      out[i] = (byte) ((rest & 0x7f) | (i < out.length - 1 ? 0x80 : 0));
      rest >>>= 7;
    }
    return out;
  }

  /** Appends {@code value} to {@code out}. */
  public static void write(ByteArrayOutputStream out, long value) {
    out.writeBytes(encode(value));
  }

  /** The number of bytes {@code value} encodes to. */
  public static int size(long value) {
    return Math.max(1, (64 - Long.numberOfLeadingZeros(value) + 6) / 7);
  }

  /**
   * Reads a varint at the buffer's position.
   *
   * @throws MultiformatException when it is truncated, longer than nine bytes, or not minimal
   */
  public static long read(ByteBuffer in) {
    long value = 0;
    for (int i = 0; i < MAX_BYTES; i++) {
      if (!in.hasRemaining()) {
        throw new MultiformatException("varint is truncated after " + i + " bytes");
      }
      int b = in.get() & 0xff;
      value |= (long) (b & 0x7f) << (7 * i);
      if (b < 0x80) {
        if (b == 0 && i > 0) {
          throw new MultiformatException("varint is not minimal");
        }
        return value;
      }
    }
    throw new MultiformatException("varint is longer than " + MAX_BYTES + " bytes");
  }

  /** Reads a varint that must lie in {@code 0..max}. */
  public static int readInt(ByteBuffer in, int max) {
    long value = read(in);
    if (value > max) {
      throw new MultiformatException("varint " + value + " not in 0.." + max);
    }
    return (int) value;
  }
}
