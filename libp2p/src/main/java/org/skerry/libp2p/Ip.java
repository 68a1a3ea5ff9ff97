package org.skerry.libp2p;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.skerry.libp2p.multiformats.MultiformatException;

/** IP addresses as 4 or 16 bytes and as their one canonical text. Nothing is ever looked up. */
final class Ip {
  private static final Pattern TEXT_6 = Pattern.compile("[0-9a-fA-F:.]{2,45}");

  private Ip() {}

  /** Four decimal numbers, no leading zeros. By hand, since a DHT reads many thousands a second. */
  static byte[] parse4(String text) {
    byte[] out = new byte[4];
    int at = 0;
    for (int i = 0; i < out.length; i++) {
      int start = at;
      int number = 0;
      while (at < text.length() && at - start < 3 && isDigit(text.charAt(at))) {
        number = 10 * number + text.charAt(at++) - '0';
      }
      boolean leadingZero = at - start > 1 && text.charAt(start) == '0';
      boolean ended = i == 3 ? at == text.length() : at < text.length() && text.charAt(at) == '.';
      if (at == start || leadingZero || number > 255 || !ended) {
        throw new MultiformatException("'" + text + "' is not an IPv4 address");
      }
      out[i] = (byte) number;
      at++;
    }
    return out;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  static byte[] parse6(String text) {
    try {
      if (TEXT_6.matcher(text).matches()) {
        byte[] bytes = Inet6Address.ofLiteral(text).getAddress();
        return bytes.length == 16 ? bytes : mapped(bytes); // Java folds ::ffff:a.b.c.d into IPv4
      }
    } catch (IllegalArgumentException e) {
      throw new MultiformatException("'" + text + "' is not an IPv6 address");
    }
    throw new MultiformatException("'" + text + "' is not an IPv6 address");
  }

  private static byte[] mapped(byte[] ip4) {
    byte[] out = new byte[16];
    out[10] = (byte) 0xff;
    out[11] = (byte) 0xff;
    System.arraycopy(ip4, 0, out, 12, 4);
    return out;
  }

  /** IPv6 as RFC 5952 has it, as other implementations write it. */
  static String text(byte[] value) {
    if (value.length == 4) {
      return (value[0] & 0xff)
          + "."
          + (value[1] & 0xff)
          + "."
          + (value[2] & 0xff)
          + "."
          + (value[3] & 0xff);
    }
    if (Arrays.equals(Arrays.copyOf(value, 12), Arrays.copyOf(mapped(new byte[4]), 12))) {
      return "::ffff:" + text(Arrays.copyOfRange(value, 12, 16));
    }
    String[] groups = new String[8];
    int bestStart = -1;
    int bestSize = 1; // a single zero group is not shortened
    for (int i = 0, run = 0; i < 8; i++) {
      int group = (value[2 * i] & 0xff) << 8 | (value[2 * i + 1] & 0xff);
      groups[i] = Integer.toHexString(group);
      run = group == 0 ? run + 1 : 0;
      if (run > bestSize) {
        bestSize = run;
        bestStart = i - run + 1;
      }
    }
    if (bestStart < 0) {
      return String.join(":", groups);
    }
    return String.join(":", Arrays.copyOf(groups, bestStart))
        + "::"
        + String.join(":", Arrays.copyOfRange(groups, bestStart + bestSize, 8));
  }

  static boolean isPublic(byte[] ip) {
    try {
      InetAddress address = InetAddress.getByAddress(ip); // unfolds ::ffff:a.b.c.d too
      byte[] raw = address.getAddress();
      int head = raw[0] & 0xff;
      boolean shared = raw.length == 4 && head == 100 && (raw[1] & 0xc0) == 64;
      boolean thisNetwork = raw.length == 4 && (head == 0 || head >= 240);
      boolean uniqueLocal = raw.length == 16 && (head & 0xfe) == 0xfc;
      return !(address.isAnyLocalAddress()
          || address.isLoopbackAddress()
          || address.isLinkLocalAddress()
          || address.isSiteLocalAddress()
          || address.isMulticastAddress()
          || shared
          || thisNetwork
          || uniqueLocal);
    } catch (UnknownHostException e) {
      throw new MultiformatException("an address of " + ip.length + " bytes");
    }
  }
}
