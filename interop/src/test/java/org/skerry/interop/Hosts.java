package org.skerry.interop;

import java.security.SecureRandom;
import java.util.Optional;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.HostConfig;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.libp2p.pnet.PreSharedKey;

/** Hosts on loopback with fresh identities. */
final class Hosts {
  private static final Multiaddr TCP = Multiaddr.parse("/ip4/127.0.0.1/tcp/0");
  private static final Multiaddr QUIC = Multiaddr.parse("/ip4/127.0.0.1/udp/0/quic-v1");

  private Hosts() {}

  static TcpHost start() throws Libp2pException {
    return start(TCP, Optional.empty());
  }

  static TcpHost startQuic() throws Libp2pException {
    return start(QUIC, Optional.empty());
  }

  static TcpHost start(Optional<PreSharedKey> privateNetwork) throws Libp2pException {
    return start(TCP, privateNetwork);
  }

  private static TcpHost start(Multiaddr listen, Optional<PreSharedKey> privateNetwork)
      throws Libp2pException {
    return TcpHost.start(
        PrivateKey.generate(new SecureRandom()),
        HostConfig.listening("interop", listen).withPrivateNetwork(privateNetwork));
  }

  /** Where {@code host} listens, with {@code /p2p/PEER} at the end. */
  static Multiaddr address(Host host) {
    return host.listenAddresses().getFirst().withPeerId(host.peerId());
  }

  static PeerId randomPeer() {
    return PeerId.of(PrivateKey.generate(new SecureRandom()).publicKey());
  }
}
