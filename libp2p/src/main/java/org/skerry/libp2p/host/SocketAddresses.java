package org.skerry.libp2p.host;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.Multiaddr.Part;
import org.skerry.libp2p.Multiaddr.Protocol;

/** The sockets that TCP and QUIC addresses mean. */
final class SocketAddresses {
  private SocketAddresses() {}

  /** The socket to listen on: an address, never a name. */
  static InetSocketAddress literal(Multiaddr address) throws Libp2pException {
    if (isName(address)) {
      throw unfit(address);
    }
    return resolve(address).getFirst();
  }

  static Libp2pException unfit(Multiaddr address) {
    return new Libp2pException(
        Reason.UNREACHABLE,
        "cannot listen on "
            + address
            + ": give /ip4/ADDRESS/tcp/PORT or /ip4/ADDRESS/udp/PORT/quic-v1, or ip6 for ip4");
  }

  static Libp2pException inUse(Multiaddr address, Throwable cause) {
    return new Libp2pException(
        Reason.ADDRESS_IN_USE,
        "cannot listen on "
            + address
            + " ("
            + cause.getMessage()
            + "): stop what uses the port, or choose another (0 takes a free one)",
        cause);
  }

  /** Whether {@code address} must be looked up. */
  static boolean isName(Multiaddr address) {
    Protocol first = address.parts().getFirst().protocol();
    return first != Protocol.IP4 && first != Protocol.IP6;
  }

  /** The sockets that {@code address} means; a name is looked up, which blocks. */
  static List<InetSocketAddress> resolve(Multiaddr address) throws Libp2pException {
    Part host = address.parts().getFirst();
    int port = Integer.parseInt(address.parts().get(1).value());
    try {
      return Arrays.stream(InetAddress.getAllByName(host.value()))
          .filter(ip ->
              switch (host.protocol()) {
                case DNS4 -> ip instanceof Inet4Address;
                case DNS6 -> !(ip instanceof Inet4Address);
                default -> true;
              })
          .limit(4)
          .map(ip -> new InetSocketAddress(ip, port))
          .toList();
    } catch (UnknownHostException e) {
      throw new Libp2pException(
          Reason.UNREACHABLE, "the name " + host.value() + " does not resolve", e);
    }
  }

  /**
   * A bound socket as others may dial it: a wildcard stands for every address of the machine.
   *
   * @param written how an IP address and a port of this transport are written
   */
  static List<Multiaddr> listening(
      InetSocketAddress bound, BiFunction<InetAddress, Integer, Multiaddr> written)
      throws Libp2pException {
    if (!bound.getAddress().isAnyLocalAddress()) {
      return List.of(written.apply(bound.getAddress(), bound.getPort()));
    }
    boolean four = bound.getAddress() instanceof Inet4Address;
    List<Multiaddr> out = new ArrayList<>();
    try {
      for (NetworkInterface link : NetworkInterface.networkInterfaces().toList()) {
        if (link.isUp()) {
          link.inetAddresses()
              .filter(ip -> !ip.isLinkLocalAddress() && (!four || ip instanceof Inet4Address))
              .forEach(ip -> out.add(written.apply(ip, bound.getPort())));
        }
      }
    } catch (SocketException e) {
      throw new Libp2pException(
          Reason.UNREACHABLE, "the network interfaces cannot be listed: " + e.getMessage(), e);
    }
    return out;
  }
}
