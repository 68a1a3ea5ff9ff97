package org.skerry.libp2p.host;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;

/**
 * Where peers may be reached and what they speak. Bounded: the peer that was touched longest ago
 * and the address that was learned longest ago leave first. Thread-safe.
 */
final class PeerBook {
  static final int MAX_PEERS = 10_000;
  static final int MAX_ADDRESSES = 16;

  private static final class Known {
    /** The best first. */
    private List<Multiaddr> addresses = List.of();

    private Set<String> protocols = Set.of();
  }

  private final Map<PeerId, Known> peers =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<PeerId, Known> eldest) {
          return size() > MAX_PEERS;
        }
      };

  /** Adds addresses behind those that are known. */
  synchronized void add(PeerId peer, Collection<Multiaddr> addresses) {
    Known known = entry(peer);
    LinkedHashSet<Multiaddr> all = new LinkedHashSet<>(known.addresses);
    addresses.forEach(address -> all.add(address.withoutPeerId()));
    List<Multiaddr> ordered = new ArrayList<>(all);
    if (ordered.size() > MAX_ADDRESSES) { // keep the one that worked and the newest
      ordered.subList(1, 1 + ordered.size() - MAX_ADDRESSES).clear();
    }
    known.addresses = List.copyOf(ordered);
  }

  /** Puts the address over which the peer was just reached first. */
  synchronized void worked(PeerId peer, Multiaddr address) {
    Known known = entry(peer);
    LinkedHashSet<Multiaddr> all = new LinkedHashSet<>();
    all.add(address.withoutPeerId());
    all.addAll(known.addresses);
    known.addresses = all.stream().limit(MAX_ADDRESSES).toList();
  }

  /** Puts an address that failed last. */
  synchronized void failed(PeerId peer, Multiaddr address) {
    Known known = entry(peer);
    LinkedHashSet<Multiaddr> all = new LinkedHashSet<>(known.addresses);
    if (all.remove(address)) {
      all.add(address);
      known.addresses = List.copyOf(all);
    }
  }

  synchronized List<Multiaddr> addresses(PeerId peer) {
    Known known = peers.get(peer);
    return known == null ? List.of() : known.addresses;
  }

  synchronized void protocols(PeerId peer, Collection<String> protocols) {
    entry(peer).protocols = Set.copyOf(protocols);
  }

  /** What the peer said it speaks; empty before identify. */
  synchronized Set<String> protocols(PeerId peer) {
    Known known = peers.get(peer);
    return known == null ? Set.of() : known.protocols;
  }

  private Known entry(PeerId peer) {
    return peers.computeIfAbsent(peer, p -> new Known());
  }
}
