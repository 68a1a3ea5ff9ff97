package org.skerry.dht;

import java.util.List;
import org.skerry.dht.routing.KademliaKey;
import org.skerry.dht.routing.Origin;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;

/** What a node knows of peers when it answers a request. */
interface KnownPeers {
  /** The nearest peers of the routing table but for {@code except}, nearest first. */
  List<PeerId> closest(KademliaKey target, int count, PeerId except);

  /** Where {@code peer} was or is reached, this node's own addresses for itself. */
  List<Multiaddr> addresses(PeerId peer);

  boolean isConnected(PeerId peer);

  /** With whom {@code peer} shares what this node does for its peers. */
  Origin origin(PeerId peer);
}
