package org.skerry.node.generate;

import java.util.Arrays;

/**
 * A picture that others are made from.
 *
 * @param encoded PNG or JPEG of any size; its centre square is scaled to the model's
 * @param strength in (0, 1]: how much of it is made anew
 */
@SuppressWarnings("ArrayRecordComponent") // copied in and out
public record StartImage(byte[] encoded, double strength) {
  /** What an encoded picture may take. */
  public static final int MAX_BYTES = 32 << 20;

  public StartImage {
    if (encoded.length == 0 || encoded.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "a start image of %d bytes is not in 1..%d".formatted(encoded.length, MAX_BYTES));
    }
    if (!(strength > 0 && strength <= 1)) {
      throw new IllegalArgumentException("strength " + strength + " not in (0, 1]");
    }
    encoded = encoded.clone();
  }

  @Override
  public byte[] encoded() {
    return encoded.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof StartImage that
        && strength == that.strength
        && Arrays.equals(encoded, that.encoded);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(encoded) + Double.hashCode(strength);
  }

  @Override
  public String toString() {
    return "StartImage[" + encoded.length + " bytes, strength " + strength + "]";
  }
}
