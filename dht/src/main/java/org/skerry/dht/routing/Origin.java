package org.skerry.dht.routing;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.skerry.libp2p.Multiaddr;

/**
 * Where requests come from, for what a node shares out: a thousand keys at one place are not a
 * thousand peers. The {@link IpGroup} of a public address (an IPv4 /16, an IPv6 /32), the whole of
 * a private one (an IPv6 /64), and one origin each for all peers on this machine and for all of
 * whose place nothing certain is known.
 *
 * @param name of at most 64 characters
 */
public record Origin(String name) {
  /** This node itself. */
  public static final Origin SELF = new Origin("self");

  /** Any peer on this machine. */
  public static final Origin LOOPBACK = new Origin("loopback");

  /** Peers that are not connected, reached through a relay, or under a name. */
  public static final Origin UNKNOWN = new Origin("unknown");

  private static final int MAX_NAME = 64;

  public Origin {
    if (name.isEmpty() || name.length() > MAX_NAME) {
      throw new IllegalArgumentException("origin '" + name + "' not 1..64 characters long");
    }
  }

  /**
   * The origin of a peer.
   *
   * @param remote the other end of the connection to it, if there is one
   */
  public static Origin of(Optional<Multiaddr> remote) {
    Optional<Multiaddr> direct =
        remote.filter(address -> address.value(Multiaddr.Protocol.P2P_CIRCUIT).isEmpty());
    Optional<InetAddress> host = direct.flatMap(AddressScope::ip);
    Optional<AddressScope> scope = direct.flatMap(AddressScope::of);
    if (host.isEmpty() || scope.isEmpty()) {
      return UNKNOWN;
    }
    return switch (scope.get()) {
      case LOOPBACK -> LOOPBACK;
      case PRIVATE -> prefix(host.get(), 4, 8);
      case PUBLIC -> prefix(host.get(), 2, 4);
    };
  }

  private static Origin prefix(InetAddress host, int bytes4, int bytes6) {
    byte[] bytes = host.getAddress();
    return new Origin(
        HexFormat.of().formatHex(Arrays.copyOf(bytes, bytes.length == 4 ? bytes4 : bytes6)));
  }

  /**
   * Whether what its peers may do together is bounded. Whoever is on this machine can do worse than
   * ask often, and a whole network on one machine is a test.
   */
  public boolean isBounded() {
    return !equals(LOOPBACK) && !equals(SELF);
  }
}
