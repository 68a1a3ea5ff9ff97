package org.skerry.libp2p.multiformats;

import java.math.BigInteger;
import java.util.Arrays;

/** The Bitcoin base58 alphabet, in which libp2p writes peer ids. */
public final class Base58 {
  private static final String ALPHABET =
      "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  private static final BigInteger BASE = BigInteger.valueOf(58);

  /** Decoding is quadratic, so text from the network is bounded before it starts. */
  private static final int MAX_CHARS = 256;

  private Base58() {}

  public static String encode(byte[] bytes) {
    int zeros = 0;
    while (zeros < bytes.length && bytes[zeros] == 0) {
      zeros++;
    }
    StringBuilder reversed = new StringBuilder();
    BigInteger rest = new BigInteger(1, bytes);
    while (rest.signum() > 0) {
      BigInteger[] step = rest.divideAndRemainder(BASE);
      reversed.append(ALPHABET.charAt(step[1].intValue()));
      rest = step[0];
    }
    return "1".repeat(zeros) + reversed.reverse();
  }

  public static byte[] decode(String text) {
    if (text.length() > MAX_CHARS) {
      throw new MultiformatException("base58 text of " + text.length() + " characters");
    }
    int zeros = 0;
    while (zeros < text.length() && text.charAt(zeros) == '1') {
      zeros++;
    }
    BigInteger value = BigInteger.ZERO;
    for (int i = zeros; i < text.length(); i++) {
      int digit = ALPHABET.indexOf(text.charAt(i));
      if (digit < 0) {
        throw new MultiformatException("'" + text.charAt(i) + "' is not a base58 character");
      }
      value = value.multiply(BASE).add(BigInteger.valueOf(digit));
    }
    byte[] magnitude = value.toByteArray();
    int skip = magnitude[0] == 0 ? 1 : 0;
    byte[] out = new byte[zeros + magnitude.length - skip];
    System.arraycopy(magnitude, skip, out, zeros, magnitude.length - skip);
    return value.signum() == 0 ? Arrays.copyOf(out, zeros) : out;
  }
}
