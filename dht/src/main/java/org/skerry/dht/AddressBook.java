package org.skerry.dht;

import java.util.List;
import java.util.Optional;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;

/** What the transport below knows of peers' addresses. */
public interface AddressBook {
  PeerId self();

  /** Where this node is reached. */
  List<Multiaddr> listenAddresses();

  /** Where {@code peer} was or is reached. */
  List<Multiaddr> addresses(PeerId peer);

  /** Notes where {@code peer} is said to be. */
  void learn(PeerId peer, List<Multiaddr> addresses);

  /** The other end of a connection to {@code peer}, when there is one. */
  Optional<Multiaddr> remoteAddress(PeerId peer);
}
