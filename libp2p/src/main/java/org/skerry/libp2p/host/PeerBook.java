package org.skerry.libp2p.host;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  /** Twice the connections of the defaults: what a peer speaks takes up to 64 KiB. */
  static final int MAX_SPEAKERS = 1024;

  /** Of each peer, the best first. */
  private final Map<PeerId, List<Multiaddr>> addresses = latest(MAX_PEERS);

  private final Map<PeerId, Set<String>> protocols = latest(MAX_SPEAKERS);

  private static <V> Map<PeerId, V> latest(int most) {
    return new LinkedHashMap<>(16, 0.75f, true) {
      @Override
      protected boolean removeEldestEntry(Map.Entry<PeerId, V> eldest) {
        return size() > most;
      }
    };
  }

  /** Adds addresses behind those that are known. */
  synchronized void add(PeerId peer, Collection<Multiaddr> more) {
    LinkedHashSet<Multiaddr> all = new LinkedHashSet<>(addresses(peer));
    more.forEach(address -> all.add(address.withoutPeerId()));
    List<Multiaddr> ordered = new ArrayList<>(all);
    if (ordered.size() > MAX_ADDRESSES) { // keep the one that worked and the newest
      ordered.subList(1, 1 + ordered.size() - MAX_ADDRESSES).clear();
    }
    addresses.put(peer, List.copyOf(ordered));
  }

  /** Puts the address over which the peer was just reached first. */
  synchronized void worked(PeerId peer, Multiaddr address) {
    LinkedHashSet<Multiaddr> all = new LinkedHashSet<>();
    all.add(address.withoutPeerId());
    all.addAll(addresses(peer));
    addresses.put(peer, all.stream().limit(MAX_ADDRESSES).toList());
  }

  /** Puts an address that failed last. */
  synchronized void failed(PeerId peer, Multiaddr address) {
    LinkedHashSet<Multiaddr> all = new LinkedHashSet<>(addresses(peer));
    if (all.remove(address)) {
      all.add(address);
      addresses.put(peer, List.copyOf(all));
    }
  }

  synchronized List<Multiaddr> addresses(PeerId peer) {
    return Optional.ofNullable(addresses.get(peer)).orElse(List.of());
  }

  synchronized void protocols(PeerId peer, Collection<String> spoken) {
    protocols.put(peer, Set.copyOf(spoken));
  }

  /** What the peer said it speaks; empty before identify, and when that is long ago. */
  synchronized Set<String> protocols(PeerId peer) {
    return Optional.ofNullable(protocols.get(peer)).orElse(Set.of());
  }
}
