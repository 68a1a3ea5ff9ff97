package org.skerry.node.daemon;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.mdns.MdnsDiscovery;
import org.skerry.libp2p.mdns.MdnsDiscovery.Place;
import org.skerry.libp2p.pnet.PreSharedKey;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connects to the peers of the local network; what they serve, identify says. */
final class LocalPeers {
  private static final Logger LOG = LoggerFactory.getLogger(LocalPeers.class);
  private static final Duration DIAL_LIMIT = Duration.ofSeconds(5);

  private LocalPeers() {}

  /** Looks for them on all links of this machine, until it is closed. */
  static AutoCloseable find(Host host, Optional<PreSharedKey> privateNetwork) throws NodeException {
    try {
      return find(host, privateNetwork, Place.usual());
    } catch (Libp2pException e) {
      throw new NodeException(
          Reason.PORT_IN_USE,
          String.valueOf(e.getMessage()),
          "set local-discovery = false under [network], or stop the other program",
          e);
    }
  }

  static AutoCloseable find(Host host, Optional<PreSharedKey> privateNetwork, Place place)
      throws Libp2pException {
    return MdnsDiscovery.start(
        host, privateNetwork, place, (peer, addresses) -> connect(host, peer, addresses));
  }

  private static void connect(Host host, PeerId peer, List<Multiaddr> addresses) {
    host.addAddresses(peer, addresses);
    try {
      host.connect(peer, DIAL_LIMIT);
    } catch (Libp2pException e) {
      LOG.debug("peer {} of the local network was not reached: {}", peer, e.getMessage());
    }
  }
}
