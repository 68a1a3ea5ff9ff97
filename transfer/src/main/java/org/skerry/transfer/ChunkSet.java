package org.skerry.transfer;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Which chunks of a blob somebody has. Immutable.
 *
 * <p>As bytes: chunk {@code i} is bit {@code i % 8} (least significant first) of byte {@code i /
 * 8}; the unused bits of the last byte are zero.
 */
public final class ChunkSet {
  private final int chunks;
  private final BitSet bits;

  private ChunkSet(int chunks, BitSet bits) {
    this.chunks = chunks;
    this.bits = bits;
  }

  public static ChunkSet all(int chunks) {
    BitSet bits = new BitSet(chunks);
    bits.set(0, chunks);
    return new ChunkSet(chunks, bits);
  }

  /** A copy of {@code bits}, none of which may stand at {@code chunks} or above. */
  public static ChunkSet of(int chunks, BitSet bits) {
    if (bits.length() > chunks) {
      throw new IllegalArgumentException(
          "chunk " + (bits.length() - 1) + " of a blob of " + chunks + " chunks");
    }
    return new ChunkSet(chunks, (BitSet) bits.clone());
  }

  /**
   * Parses exactly {@code bytes}.
   *
   * @throws IllegalArgumentException when there are too few or too many, or unused bits are set
   */
  public static ChunkSet ofBytes(int chunks, byte[] bytes) {
    if (bytes.length != (chunks + 7) / 8) {
      throw new IllegalArgumentException(
          "a bitmap of " + bytes.length + " bytes for " + chunks + " chunks");
    }
    return of(chunks, BitSet.valueOf(bytes));
  }

  public byte[] bytes() {
    return Arrays.copyOf(bits.toByteArray(), (chunks + 7) / 8);
  }

  /** The number of chunks of the blob. */
  public int chunks() {
    return chunks;
  }

  /** The number of chunks in this set. */
  public int count() {
    return bits.cardinality();
  }

  public boolean isComplete() {
    return count() == chunks;
  }

  public boolean has(int index) {
    return bits.get(index);
  }

  public BitSet bits() {
    return (BitSet) bits.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ChunkSet that && chunks == that.chunks && bits.equals(that.bits);
  }

  @Override
  public int hashCode() {
    return bits.hashCode();
  }

  @Override
  public String toString() {
    return count() + " of " + chunks + " chunks";
  }
}
