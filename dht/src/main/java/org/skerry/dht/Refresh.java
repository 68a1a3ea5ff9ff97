package org.skerry.dht;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.skerry.dht.routing.KademliaKey;
import org.skerry.dht.routing.Lookup;
import org.skerry.dht.routing.NetworkSize;

/** A search of a key that nobody chose, which also tells how many peers there are. */
final class Refresh extends Steps {
  private final NetworkSize size;
  private final KademliaKey self;
  private final boolean isServer;
  private final Search search;

  Refresh(Kademlia node, Search search) {
    super(search);
    size = node.peers().size();
    self = KademliaKey.of(node.self());
    isServer = node.isServing();
    this.search = search;
  }

  @Override
  @Nullable Operation after(Operation done, long nowMs) {
    Lookup lookup = search.lookup();
    if (lookup.isDone() && !lookup.closest().isEmpty()) {
      size.sample(lookup.target(), nearest(lookup));
    }
    return null;
  }

  /** This node among them where it is a server and one of them: the others count it too. */
  private List<KademliaKey> nearest(Lookup lookup) {
    List<KademliaKey> keys = new ArrayList<>(lookup.closestKeys());
    if (isServer) {
      keys.add(self);
      keys.sort(lookup.target()::compareDistance);
    }
    return keys;
  }
}
