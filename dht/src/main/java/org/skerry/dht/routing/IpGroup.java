package org.skerry.dht.routing;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.skerry.libp2p.Multiaddr;

/**
 * The addresses one owner is likely to hold many of: an IPv4 /16 or an IPv6 /32. Peers of one group
 * are bounded in the routing table, so that cheap addresses do not buy a neighbourhood of the key
 * space.
 */
public record IpGroup(boolean isIp4, int prefix) {
  /**
   * The group of a public address. Loopback and private addresses have none: they cannot be had
   * cheaply from outside, and a laboratory of twenty machines is no attack.
   */
  public static Optional<IpGroup> of(Multiaddr address) {
    if (AddressScope.of(address).filter(scope -> scope == AddressScope.PUBLIC).isEmpty()) {
      return Optional.empty();
    }
    return AddressScope.ip(address)
        .map(InetAddress::getAddress)
        .map(bytes ->
            bytes.length == 4
                ? new IpGroup(true, ByteBuffer.wrap(bytes).getShort())
                : new IpGroup(false, ByteBuffer.wrap(bytes).getInt()));
  }
}
