package org.skerry.dht;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.skerry.dht.routing.Origin;
import org.skerry.dht.wire.KadMessage;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

/** Tells the peers nearest to some content that it is here. */
public final class Announce extends Steps {
  private final Kademlia node;
  private final Multihash content;
  private final Holders holders;
  private int told;

  Announce(Kademlia node, Multihash content, long nowMs) {
    this(node, content, node.holders(content.bytes()));
    // This node answers for itself wherever it stands in the key space.
    node.providers().put(content, node.self(), Origin.SELF, List.of(), nowMs);
  }

  private Announce(Kademlia node, Multihash content, Holders holders) {
    super(holders);
    this.node = node;
    this.content = content;
    this.holders = holders;
  }

  @Override
  @Nullable Operation after(Operation done, long nowMs) {
    if (done instanceof Tell tell) {
      told = tell.took().size();
      node.provided().announced(content, told, nowMs);
      return null;
    }
    KadMessage request = KadMessage.of(KadMessage.Type.ADD_PROVIDER, content.bytes());
    return new Tell(
        node.peers(),
        holders.peers(),
        holder -> request.withProviders(List.of(selfFor(holder))),
        (holder, reply) -> true);
  }

  private KadMessage.Peer selfFor(PeerId holder) {
    return new KadMessage.Peer(
        node.self(),
        node.peers().scope(holder).visible(node.peers().addresses(node.self())),
        KadMessage.ConnectionType.CONNECTED);
  }

  /** How many peers took the announcement, once this is done. */
  public int told() {
    return told;
  }
}
