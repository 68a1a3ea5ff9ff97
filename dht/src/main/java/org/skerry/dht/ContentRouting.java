package org.skerry.dht;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.skerry.dht.record.ProviderRecord;
import org.skerry.dht.routing.PeerAddresses;
import org.skerry.dht.wire.KadMessage;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

/** Announces and finds providers of content. Thread-safe. */
final class ContentRouting {
  private final DhtNode node;

  /** What this node provides, and when each is to be announced next. */
  private final Map<Multihash, Long> provided = new ConcurrentHashMap<>();

  ContentRouting(DhtNode node) {
    this.node = node;
  }

  int provide(Multihash content) {
    provided.put(content, node.nowMs());
    try {
      return announce(content);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  void stopProviding(Multihash content) {
    provided.remove(content);
    node.providerRecords().remove(content, node.host().peerId());
  }

  /** The contents whose next announcement is due. */
  List<Multihash> due(long nowMs) {
    return provided.entrySet().stream()
        .filter(entry -> entry.getValue() <= nowMs)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Tells the peers nearest to {@code content} that it is here. */
  int announce(Multihash content) throws InterruptedException {
    Host host = node.host();
    // This node answers for itself wherever it stands in the key space.
    node.providerRecords().put(content, host.peerId(), List.of(), node.nowMs());
    List<PeerId> holders = node.lookup(content.bytes()).closest();
    KadMessage request = KadMessage.of(KadMessage.Type.ADD_PROVIDER, content.bytes());
    int told =
        node.toAll(
                holders,
                holder ->
                    node.client().tell(holder, request.withProviders(List.of(selfFor(holder)))))
            .size();
    // Without anybody to tell, it stays due.
    long nextMs =
        told == 0 ? node.nowMs() : node.nowMs() + node.config().reprovideInterval().toMillis();
    provided.computeIfPresent(content, (any, before) -> nextMs);
    return told;
  }

  private KadMessage.Peer selfFor(PeerId holder) {
    return new KadMessage.Peer(
        node.host().peerId(),
        node.peers().scope(holder).visible(node.host().listenAddresses()),
        KadMessage.ConnectionType.CONNECTED);
  }

  List<PeerAddresses> find(Multihash content, int limit, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    Map<PeerId, Set<Multiaddr>> found = new LinkedHashMap<>();
    for (ProviderRecord record : node.providerRecords().get(content, node.nowMs())) {
      add(found, record.provider(), record.addresses(), limit);
    }
    try {
      if (found.size() < limit) {
        node.lookups()
            .run(
                KadMessage.of(KadMessage.Type.GET_PROVIDERS, content.bytes()),
                timeout,
                (from, reply) -> {
                  for (KadMessage.Peer provider : reply.providers()) {
                    List<Multiaddr> addresses =
                        node.peers().scope(from.peer()).visible(provider.addresses());
                    add(found, provider.id(), addresses, limit);
                  }
                  return found.size() < limit;
                });
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return withAddresses(found, deadline);
  }

  private void add(
      Map<PeerId, Set<Multiaddr>> found, PeerId provider, List<Multiaddr> addresses, int limit) {
    if (provider.equals(node.host().peerId())
        || (found.size() >= limit && !found.containsKey(provider))) {
      return;
    }
    Set<Multiaddr> known = found.computeIfAbsent(provider, any -> new LinkedHashSet<>());
    if (known.size() < PeerAddresses.MAX_ADDRESSES) {
      known.addAll(addresses);
    }
  }

  /** Looks up providers that came without addresses, while there is time. */
  private List<PeerAddresses> withAddresses(Map<PeerId, Set<Multiaddr>> found, long deadline) {
    List<PeerAddresses> providers = new ArrayList<>();
    found.forEach((provider, addresses) -> {
      Set<Multiaddr> all = new LinkedHashSet<>(addresses);
      all.addAll(node.host().addresses(provider));
      Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
      if (all.isEmpty() && !left.isZero()) {
        node.findPeer(provider, left).ifPresent(peer -> all.addAll(peer.addresses()));
      }
      providers.add(new PeerAddresses(provider, List.copyOf(all)));
    });
    return providers;
  }
}
