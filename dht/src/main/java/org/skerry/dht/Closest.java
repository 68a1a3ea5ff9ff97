package org.skerry.dht;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.skerry.dht.routing.KademliaKey;
import org.skerry.dht.routing.Lookup;
import org.skerry.libp2p.PeerId;

/** Finds the k live peers nearest to a key. */
public final class Closest extends Steps {
  private final Kademlia node;
  private final byte[] key;
  private final Search search;

  Closest(Kademlia node, byte[] key) {
    this(node, key, node.search(key));
  }

  private Closest(Kademlia node, byte[] key, Search search) {
    super(search);
    this.node = node;
    this.key = key.clone();
    this.search = search;
  }

  @Override
  @Nullable Operation after(Operation done, long nowMs) {
    return null;
  }

  /** Nearest first; this node among them where it is a server and one of them. */
  public List<PeerId> peers() {
    Lookup lookup = search.lookup();
    List<PeerId> closest = new ArrayList<>(lookup.closest());
    if (node.isServing() && lookup.selfIsAmongClosest()) {
      KademliaKey target = KademliaKey.of(key);
      closest.add(node.self());
      closest.sort((a, b) -> target.compareDistance(KademliaKey.of(a), KademliaKey.of(b)));
    }
    return List.copyOf(closest.subList(0, Math.min(closest.size(), node.k())));
  }

  /** How the peers nearest to the key were found. */
  public Lookup lookup() {
    return search.lookup();
  }
}
