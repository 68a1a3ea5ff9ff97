package org.skerry.libp2p.multiformats;

import java.io.ByteArrayOutputStream;

/** RFC 4648 base32, lower case and without padding: the default base of CIDv1 text. */
public final class Base32 {
  private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

  private Base32() {}

  public static String encode(byte[] bytes) {
    StringBuilder out = new StringBuilder((bytes.length * 8 + 4) / 5);
    int buffer = 0;
    int bits = 0;
    for (byte b : bytes) {
      buffer = (buffer << 8) | (b & 0xff);
      bits += 8;
      while (bits >= 5) {
        bits -= 5;
        out.append(ALPHABET.charAt((buffer >>> bits) & 31));
      }
      buffer &= (1 << bits) - 1;
    }
    if (bits > 0) {
      out.append(ALPHABET.charAt((buffer << (5 - bits)) & 31));
    }
    return out.toString();
  }

  /** Decodes text whose unused trailing bits must be zero, so that every value has one spelling. */
  public static byte[] decode(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(text.length() * 5 / 8);
    int buffer = 0;
    int bits = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = ALPHABET.indexOf(text.charAt(i));
      if (digit < 0) {
        throw new MultiformatException("'" + text.charAt(i) + "' is not a base32 character");
      }
      buffer = (buffer << 5) | digit;
      bits += 5;
      if (bits >= 8) {
        bits -= 8;
        out.write(buffer >>> bits);
        buffer &= (1 << bits) - 1;
      }
    }
    if (bits >= 5 || buffer != 0) {
      throw new MultiformatException("base32 text has stray trailing bits");
    }
    return out.toByteArray();
  }
}
