package org.skerry.libp2p;

import java.util.Arrays;
import org.skerry.libp2p.multiformats.MultiformatException;

/**
 * IP addresses that begin alike, such as {@code 203.0.113.0/24}, {@code 2001:db8::/32}, or one
 * address alone. IPv6 addresses that stand for IPv4 ones ({@code ::ffff:203.0.113.7}) are those.
 */
public final class Subnet {
  private static final int MAPPED_BYTES = 12;

  private final byte[] network;
  private final int bits;

  private Subnet(byte[] network, int bits) {
    this.network = network;
    this.bits = bits;
  }

  /**
   * Reads an address, maybe with {@code /BITS} behind it.
   *
   * @throws MultiformatException when it is none, or has bits beyond its length
   */
  public static Subnet parse(String text) {
    int slash = text.indexOf('/');
    byte[] ip = address(slash < 0 ? text : text.substring(0, slash));
    int most = 8 * ip.length;
    int bits = slash < 0 ? most : bits(text.substring(slash + 1), most);
    for (int bit = bits; bit < most; bit++) {
      if (isSet(ip, bit)) {
        throw new MultiformatException(
            "'" + text + "' has bits beyond its first " + bits + ": a subnet ends in zeros");
      }
    }
    return new Subnet(ip, bits);
  }

  /**
   * The subnet of {@code bits} bits that {@code ip} is in.
   *
   * @param ip 4 or 16 bytes
   */
  public static Subnet around(byte[] ip, int bits) {
    byte[] network = ip.clone();
    for (int bit = bits; bit < 8 * ip.length; bit++) {
      network[bit / 8] &= (byte) ~(0x80 >> bit % 8);
    }
    return new Subnet(network, bits);
  }

  private static byte[] address(String text) {
    return unmapped(text.indexOf(':') < 0 ? Ip.parse4(text) : Ip.parse6(text));
  }

  private static int bits(String text, int most) {
    if (!text.matches("\\d{1,3}") || Integer.parseInt(text) > most) {
      throw new MultiformatException("'" + text + "' is no number of bits from 0 to " + most);
    }
    return Integer.parseInt(text);
  }

  private static byte[] unmapped(byte[] ip) {
    boolean mapped = ip.length == 16 && ip[10] == (byte) 0xff && ip[11] == (byte) 0xff;
    for (int i = 0; mapped && i < 10; i++) {
      mapped = ip[i] == 0;
    }
    return mapped ? Arrays.copyOfRange(ip, MAPPED_BYTES, ip.length) : ip;
  }

  private static boolean isSet(byte[] ip, int bit) {
    return (ip[bit / 8] >> (7 - bit % 8) & 1) == 1;
  }

  /**
   * Whether {@code ip} is in it.
   *
   * @param ip 4 or 16 bytes
   */
  public boolean contains(byte[] ip) {
    byte[] plain = unmapped(ip);
    if (plain.length != network.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit++) {
      if (isSet(plain, bit) != isSet(network, bit)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Subnet that
        && bits == that.bits
        && Arrays.equals(network, that.network);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(network) + bits;
  }

  @Override
  public String toString() {
    return Ip.text(network) + "/" + bits;
  }
}
