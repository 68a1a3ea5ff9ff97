package org.skerry.transfer.web;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/**
 * Which addresses a stranger may make this node connect to: those of the public Internet, by the
 * IANA registries of special-purpose addresses. Stricter than what is worth telling a peer: neither
 * documentation nor benchmark networks, and no address that hides another one.
 */
final class PublicInternet {
  private static final List<Prefix> NOT_PUBLIC_4 =
      prefixes(
          "0.0.0.0/8",
          "10.0.0.0/8",
          "100.64.0.0/10",
          "127.0.0.0/8",
          "169.254.0.0/16",
          "172.16.0.0/12",
          "192.0.0.0/24",
          "192.0.2.0/24",
          "192.88.99.0/24",
          "192.168.0.0/16",
          "198.18.0.0/15",
          "198.51.100.0/24",
          "203.0.113.0/24",
          "224.0.0.0/4",
          "240.0.0.0/4");
  private static final Prefix GLOBAL_UNICAST_6 = Prefix.parse("2000::/3");
  // Teredo (2001::/32) among them, which hides an IPv4 address.
  private static final List<Prefix> NOT_PUBLIC_6 =
      prefixes("2001::/23", "2001:db8::/32", "3fff::/20");
  private static final Prefix NAT64 = Prefix.parse("64:ff9b::/96");
  private static final Prefix SIX_TO_FOUR = Prefix.parse("2002::/16");
  private static final Prefix MAPPED = new Prefix(mappedPrefix(), 96);

  private PublicInternet() {}

  private record Prefix(byte[] bytes, int bits) {
    static Prefix parse(String text) {
      int slash = text.indexOf('/');
      return new Prefix(
          InetAddress.ofLiteral(text.substring(0, slash)).getAddress(),
          Integer.parseInt(text.substring(slash + 1)));
    }

    boolean contains(byte[] ip) {
      if (ip.length != bytes.length) {
        return false;
      }
      for (int bit = 0; bit < bits; bit++) {
        int mask = 0x80 >> bit % 8;
        if ((ip[bit / 8] & mask) != (bytes[bit / 8] & mask)) {
          return false;
        }
      }
      return true;
    }
  }

  private static List<Prefix> prefixes(String... texts) {
    return Arrays.stream(texts).map(Prefix::parse).toList();
  }

  private static byte[] mappedPrefix() {
    byte[] bytes = new byte[16];
    bytes[10] = (byte) 0xff;
    bytes[11] = (byte) 0xff;
    return bytes;
  }

  static boolean contains(InetAddress address) {
    return contains(address.getAddress());
  }

  private static boolean contains(byte[] ip) {
    if (ip.length == 4) {
      return NOT_PUBLIC_4.stream().noneMatch(prefix -> prefix.contains(ip));
    }
    if (NAT64.contains(ip) || MAPPED.contains(ip)) {
      return contains(Arrays.copyOfRange(ip, 12, 16));
    }
    if (SIX_TO_FOUR.contains(ip)) {
      return contains(Arrays.copyOfRange(ip, 2, 6));
    }
    return GLOBAL_UNICAST_6.contains(ip)
        && NOT_PUBLIC_6.stream().noneMatch(prefix -> prefix.contains(ip));
  }

  /** Looks a name up; an address stands for itself. */
  static List<InetAddress> lookUp(String host) throws UnknownHostException {
    return List.of(InetAddress.getAllByName(host));
  }
}
