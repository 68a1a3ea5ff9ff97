package org.skerry.dht;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.PeerId;

/**
 * Looks this node itself up, starting through some peers too, and so becomes known to its
 * neighbours in whatever network these peers are part of.
 */
public final class Join extends Steps {
  private final List<PeerId> through;
  private final Search search;

  Join(Kademlia node, Collection<PeerId> through) {
    this(node, List.copyOf(through), node.search(node.self().bytes()));
  }

  private Join(Kademlia node, List<PeerId> through, Search search) {
    super(node.refresh(search));
    this.through = through;
    this.search = search;
    search.startThrough(through);
  }

  @Override
  @Nullable Operation after(Operation done, long nowMs) {
    return null;
  }

  /** How many of those peers answered. */
  public int answered() {
    return (int) through.stream().filter(search.lookup()::hasAnswered).count();
  }
}
