package org.skerry.transfer.compress;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Makes a chunk of weights smaller: nearly all that is predictable in a weight is its exponent.
 * Words of 32 bits are rotated left by one, which brings the exponent of a float32, and those of
 * the two bfloat16 or float16 in a word, into bytes of their own with the sign out of the way. The
 * four bytes of the words then stand in four planes, and a plane that can be made smaller is
 * deflated. docs/PROTOCOL.md, section 6.5, has the bytes.
 */
public final class PlaneCodec {
  private static final int PLANES = Integer.BYTES;

  /** What saves less is not worth the work of decoding it. */
  private static final double WORTH = 0.95;

  private PlaneCodec() {}

  /** Where {@link #encode} can write the encoding of a chunk of up to so many bytes. */
  public static ByteBuffer room(int size) {
    return ByteBuffer.allocate(size + PLANES * Integer.BYTES);
  }

  /**
   * The encoding of {@code chunk}, whose position stays; empty when it is not at least 5 % smaller.
   *
   * @param room what the result lies in
   */
  public static Optional<ByteBuffer> encode(ByteBuffer chunk, ByteBuffer room) {
    int size = chunk.remaining();
    byte[] bytes = new byte[size];
    chunk.duplicate().get(bytes);
    rotate(bytes, 1);
    byte[] plane = new byte[size / PLANES];
    ByteBuffer out = room.clear();
    try (Deflater deflater = new Deflater(Deflater.BEST_SPEED, true)) {
      for (int p = 0; p < PLANES; p++) {
        for (int i = 0; i < plane.length; i++) {
          plane[i] = bytes[PLANES * i + p];
        }
        put(plane, deflater, out);
      }
    }
    int whole = PLANES * plane.length;
    out.put(bytes, whole, size - whole).flip();
    return out.remaining() <= WORTH * size ? Optional.of(out) : Optional.empty();
  }

  private static void put(byte[] plane, Deflater deflater, ByteBuffer out) {
    double bits = entropy(plane);
    if (bits < WORTH * Byte.SIZE) {
      deflater.reset();
      // Weights do not repeat themselves, and a search for repetitions makes them larger; but no
      // code spends less than one bit on a byte, so that a plane of zeros needs repetitions.
      deflater.setStrategy(bits < 1 ? Deflater.DEFAULT_STRATEGY : Deflater.HUFFMAN_ONLY);
      deflater.setInput(plane);
      deflater.finish();
      int at = out.position() + Integer.BYTES;
      int deflated = deflater.deflate(out.array(), at, plane.length - 1);
      if (deflated == 0) { // A call that sets a strategy may do nothing else.
        deflated = deflater.deflate(out.array(), at, plane.length - 1);
      }
      if (deflater.finished()) {
        out.putInt(deflated).position(at + deflated);
        return;
      }
    }
    out.putInt(plane.length).put(plane);
  }

  /**
   * The chunk of {@code size} bytes that was encoded; takes a chunk and a quarter of memory,
   * whatever {@code encoded} says.
   *
   * @throws DataFormatException when these are not the bytes of an encoded chunk of this size
   */
  public static ByteBuffer decode(ByteBuffer encoded, int size) throws DataFormatException {
    ByteBuffer in = encoded.slice();
    byte[] bytes = new byte[size];
    int words = size / PLANES;
    byte[] plane = new byte[words + 1]; // One more, to see a plane that is too long.
    try (Inflater inflater = new Inflater(true)) {
      for (int p = 0; p < PLANES; p++) {
        take(in, inflater, plane);
        for (int i = 0; i < words; i++) {
          bytes[PLANES * i + p] = plane[i];
        }
      }
    }
    int whole = PLANES * words;
    if (in.remaining() != size - whole) {
      throw new DataFormatException(
          in.remaining() + " bytes after the planes, not " + (size - whole));
    }
    in.get(bytes, whole, size - whole);
    rotate(bytes, -1);
    return ByteBuffer.wrap(bytes);
  }

  private static void take(ByteBuffer in, Inflater inflater, byte[] plane)
      throws DataFormatException {
    int words = plane.length - 1;
    int length = in.remaining() < Integer.BYTES ? -1 : in.getInt();
    if (length < 0 || length > words || length > in.remaining()) {
      throw new DataFormatException("a plane of " + length + " bytes for " + words + " words");
    }
    if (length == words) {
      in.get(plane, 0, words);
      return;
    }
    inflater.reset();
    inflater.setInput(in.slice(in.position(), length));
    in.position(in.position() + length);
    int inflated = inflater.inflate(plane);
    if (inflated != words || !inflater.finished() || inflater.getRemaining() > 0) {
      throw new DataFormatException("a plane that does not inflate to " + words + " bytes");
    }
  }

  /** Rotates every whole word, little-endian, to the left. */
  private static void rotate(byte[] bytes, int bits) {
    ByteBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at + PLANES <= bytes.length; at += PLANES) {
      words.putInt(at, Integer.rotateLeft(words.getInt(at), bits));
    }
  }

  /** Bits a byte that a code for single bytes needs at least; not a number for no byte. */
  private static double entropy(byte[] plane) {
    int[] counts = new int[1 << Byte.SIZE];
    for (byte value : plane) {
      counts[Byte.toUnsignedInt(value)]++;
    }
    double nats = 0;
    for (int count : counts) {
      if (count > 0) {
        nats -= count * Math.log((double) count / plane.length);
      }
    }
    return nats / plane.length / Math.log(2);
  }
}
