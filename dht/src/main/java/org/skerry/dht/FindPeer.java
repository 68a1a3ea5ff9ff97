package org.skerry.dht;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.skerry.dht.routing.PeerAddresses;
import org.skerry.dht.wire.KadMessage;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;

/** Asks around where a peer is. */
final class FindPeer extends Steps {
  private final Kademlia node;
  private final PeerId wanted;
  private final Set<Multiaddr> found;

  FindPeer(Kademlia node, PeerId wanted) {
    this(node, wanted, new LinkedHashSet<>());
  }

  private FindPeer(Kademlia node, PeerId wanted, Set<Multiaddr> found) {
    super(
        node.search(
            KadMessage.of(KadMessage.Type.FIND_NODE, wanted.bytes()),
            (from, reply, nowMs) -> {
              boolean connected = false;
              for (KadMessage.Peer named : reply.closer()) {
                if (named.id().equals(wanted)) {
                  found.addAll(node.peers().scope(from).visible(named.addresses()));
                  connected |= named.connection() == KadMessage.ConnectionType.CONNECTED;
                }
              }
              // Who is connected to the peer knows where it is now; others may remember old places.
              return !connected || found.isEmpty();
            }));
    this.node = node;
    this.wanted = wanted;
    this.found = found;
  }

  @Override
  @Nullable Operation after(Operation done, long nowMs) {
    return null;
  }

  /** Where it is; what was known before when nobody said anything. */
  Optional<PeerAddresses> result() {
    List<Multiaddr> addresses =
        found.isEmpty() ? node.peers().addresses(wanted) : List.copyOf(found);
    return addresses.isEmpty()
        ? Optional.empty()
        : Optional.of(new PeerAddresses(wanted, addresses));
  }
}
