package org.skerry.dht;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.skerry.dht.routing.KademliaKey;
import org.skerry.dht.routing.Lookup;
import org.skerry.libp2p.PeerId;

/**
 * Finds the peers that are to hold a key: the k nearest. Where those stand so near that somebody
 * put them there, it is besides everybody in the region of the key space in which the holders would
 * stand without them: whoever stored something there before is among those, and attackers cannot
 * take the place of a region.
 *
 * <p>The region is searched from its sides, by lookups of random points that share some bits with
 * the key and differ in the next: there, the nearest peers are not those around the key.
 *
 * @see <a href="https://doi.org/10.14722/ndss.2024.23153">Sridhar et al., Content Censorship in the
 *     InterPlanetary File System, NDSS 2024</a>
 * @see <a href="https://arxiv.org/abs/2505.01139">de Moura Netto et al., Active Sybil Attack and
 *     Efficient Defense Strategy in IPFS DHT, 2025</a>
 */
final class Holders extends Steps {
  private final Kademlia node;
  private final Search search;
  private final List<Search> sides = new ArrayList<>();
  private final Set<PeerId> region = new LinkedHashSet<>();

  Holders(Kademlia node, Search search) {
    super(search);
    this.node = node;
    this.search = search;
  }

  @Override
  @Nullable Operation after(Operation done, long nowMs) {
    Lookup lookup = search.lookup();
    if (done == search) {
      if (isHurried() || search.isCutShort() || !node.isCrowded(lookup)) {
        return null;
      }
      node.counters().count("crowded");
      sides.addAll(node.sidesOf(lookup.target()));
      return new Together(sides);
    }
    for (Search side : sides) {
      List<PeerId> peers = side.lookup().closest();
      List<KademliaKey> keys = side.lookup().closestKeys();
      for (int i = 0; i < peers.size(); i++) {
        if (node.isInRegion(lookup.target(), keys.get(i))) {
          region.add(peers.get(i));
        }
      }
    }
    return null;
  }

  /** Those that were found, nearest first, and then those of the region, if it was searched. */
  List<PeerId> peers() {
    Set<PeerId> all = new LinkedHashSet<>(search.lookup().closest());
    all.addAll(region);
    return List.copyOf(all);
  }

  /** Those that the request itself did not reach. */
  List<PeerId> notAsked() {
    return region.stream().filter(peer -> !search.lookup().hasAnswered(peer)).toList();
  }

  /** Whether this node itself is one. */
  boolean includeSelf() {
    Lookup lookup = search.lookup();
    return node.isServing()
        && (lookup.selfIsAmongClosest()
            || (!sides.isEmpty() && node.isInRegion(lookup.target(), KademliaKey.of(node.self()))));
  }

  /** How those nearest to the key were found. */
  Lookup lookup() {
    return search.lookup();
  }
}
