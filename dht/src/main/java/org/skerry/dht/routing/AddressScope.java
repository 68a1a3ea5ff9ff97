package org.skerry.dht.routing;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.skerry.libp2p.Multiaddr;

/**
 * How far an address reaches, from this machine to the whole Internet. Told by a peer of some
 * scope, only addresses that reach at least as far are of use or safe to dial: a public peer must
 * not send us scanning our own network, nor learn its layout.
 */
public enum AddressScope {
  LOOPBACK,
  /** RFC 1918, link-local, shared and unique local addresses, and all host names. */
  PRIVATE,
  PUBLIC;

  /** The scope of {@code address}, or nothing when nobody can dial it (0.0.0.0, multicast). */
  public static Optional<AddressScope> of(Multiaddr address) {
    Optional<InetAddress> ip = ip(address);
    if (ip.isEmpty()) {
      // A name may resolve to anything, so it is trusted no further than a private address.
      return Optional.of(PRIVATE);
    }
    InetAddress host = ip.get();
    if (host.isAnyLocalAddress() || host.isMulticastAddress()) {
      return Optional.empty();
    }
    if (host.isLoopbackAddress()) {
      return Optional.of(LOOPBACK);
    }
    return Optional.of(isPrivate(host) ? PRIVATE : PUBLIC);
  }

  /** Those of {@code addresses} that a peer of this scope may tell or be told, without doubles. */
  public List<Multiaddr> visible(Collection<Multiaddr> addresses) {
    if (addresses.size() == 1) {
      Multiaddr only = addresses.iterator().next();
      return isVisible(only) ? List.of(only.withoutPeerId()) : List.of();
    }
    Set<Multiaddr> visible = new LinkedHashSet<>();
    for (Multiaddr address : addresses) {
      if (visible.size() < PeerAddresses.MAX_ADDRESSES && isVisible(address)) {
        visible.add(address.withoutPeerId());
      }
    }
    return List.copyOf(visible);
  }

  private boolean isVisible(Multiaddr address) {
    return of(address).filter(scope -> scope.compareTo(this) >= 0).isPresent();
  }

  /** The address's literal IP, the relay's for a relayed address. */
  static Optional<InetAddress> ip(Multiaddr address) {
    return address.ip().map(AddressScope::literal);
  }

  private static InetAddress literal(byte[] ip) {
    try {
      return InetAddress.getByAddress(ip); // unfolds ::ffff:a.b.c.d too
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + ip.length + " bytes", e);
    }
  }

  private static boolean isPrivate(InetAddress host) {
    byte[] b = host.getAddress();
    boolean sharedOrUniqueLocal =
        b.length == 4
            ? (b[0] & 0xff) == 100 && (b[1] & 0xc0) == 64 // RFC 6598
            : (b[0] & 0xfe) == 0xfc; // RFC 4193
    return host.isSiteLocalAddress() || host.isLinkLocalAddress() || sharedOrUniqueLocal;
  }
}
