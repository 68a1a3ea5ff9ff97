package org.skerry.dht.routing;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.skerry.libp2p.Multiaddr;

/**
 * The addresses one owner is likely to hold many of: an IPv4 /16 or an IPv6 /32. Peers of one group
 * are bounded in the routing table, so that cheap addresses do not buy a neighbourhood of the key
 * space.
 */
public record IpGroup(String prefix) {
  /**
   * The group of a public address. Loopback and private addresses have none: they cannot be had
   * cheaply from outside, and a laboratory of twenty machines is no attack.
   */
  public static Optional<IpGroup> of(Multiaddr address) {
    if (AddressScope.of(address).filter(scope -> scope == AddressScope.PUBLIC).isEmpty()) {
      return Optional.empty();
    }
    return AddressScope.ip(address)
        .map(host -> host.getAddress())
        .map(bytes -> Arrays.copyOf(bytes, bytes.length == 4 ? 2 : 4))
        .map(bytes -> new IpGroup(HexFormat.of().formatHex(bytes)));
  }
}
