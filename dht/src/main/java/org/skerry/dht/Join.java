package org.skerry.dht;

import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.skerry.dht.wire.KadMessage;
import org.skerry.libp2p.PeerId;

/** Joins a network through peers of it, and makes this node known to its neighbours. */
public final class Join extends Steps {
  private final Kademlia node;
  private int answered;

  Join(Kademlia node, Collection<PeerId> through) {
    super(
        new Tell(
            node.peers(),
            through,
            peer -> KadMessage.of(KadMessage.Type.FIND_NODE, node.self().bytes()),
            (peer, reply) -> true));
    this.node = node;
  }

  @Override
  @Nullable Operation after(Operation done, long nowMs) {
    if (done instanceof Tell told && !told.took().isEmpty()) {
      answered = told.took().size();
      return node.refresh(node.search(node.self().bytes()));
    }
    return null;
  }

  /** How many of them answered. */
  public int answered() {
    return answered;
  }
}
