package org.skerry.node.daemon;

import java.util.List;
import java.util.Optional;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.HostConfig;
import org.skerry.libp2p.host.Sockets;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.libp2p.pnet.PreSharedKey;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;

/** Starts hosts. */
public final class Hosts {
  private Hosts() {}

  /** A host of the public network that listens at {@code addresses}. */
  public static TcpHost listen(PrivateKey key, List<Multiaddr> addresses, String version)
      throws NodeException {
    return listen(key, addresses, version, Optional.empty(), Sockets.best());
  }

  /** A host that listens at {@code addresses}, in a private network if there is a key. */
  public static TcpHost listen(
      PrivateKey key,
      List<Multiaddr> addresses,
      String version,
      Optional<PreSharedKey> privateNetwork,
      Sockets sockets)
      throws NodeException {
    try {
      return TcpHost.start(
          key,
          HostConfig.listening(version, addresses.toArray(Multiaddr[]::new))
              .withPrivateNetwork(privateNetwork)
              .withSockets(sockets));
    } catch (Libp2pException e) {
      if (e.reason() == Libp2pException.Reason.ADDRESS_IN_USE) {
        throw new NodeException(
            Reason.PORT_IN_USE,
            "cannot listen on "
                + String.join(", ", addresses.stream().map(Multiaddr::toString).toList())
                + " (the port is in use)",
            "stop the program that has it, or choose another under [network] listen",
            e);
      }
      throw new NodeException(
          Reason.FAILED,
          "the network cannot be started (" + e.getMessage() + ")",
          "check [network] listen",
          e);
    }
  }

  /** Whether all of {@code addresses} are on this machine only. */
  public static boolean areLocal(List<Multiaddr> addresses) {
    return addresses.stream()
        .allMatch(address ->
            address
                .value(Multiaddr.Protocol.IP4)
                .map(ip -> ip.startsWith("127."))
                .orElse(address.value(Multiaddr.Protocol.IP6).equals(Optional.of("::1"))));
  }
}
