package org.skerry.dht;

import java.util.List;
import java.util.Optional;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;

/** What a host knows of its peers. */
record HostAddressBook(Host host) implements AddressBook {
  @Override
  public PeerId self() {
    return host.peerId();
  }

  @Override
  public List<Multiaddr> listenAddresses() {
    return host.listenAddresses();
  }

  @Override
  public List<Multiaddr> addresses(PeerId peer) {
    return host.addresses(peer);
  }

  @Override
  public void learn(PeerId peer, List<Multiaddr> addresses) {
    host.addAddresses(peer, addresses);
  }

  @Override
  public Optional<Multiaddr> remoteAddress(PeerId peer) {
    for (Connection connection : host.connections()) {
      if (connection.remotePeer().equals(peer)) {
        return Optional.of(connection.remoteAddress());
      }
    }
    return Optional.empty();
  }
}
