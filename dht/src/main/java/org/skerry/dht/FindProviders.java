package org.skerry.dht;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.skerry.dht.record.ProviderRecord;
import org.skerry.dht.routing.AddressScope;
import org.skerry.dht.routing.PeerAddresses;
import org.skerry.dht.wire.KadMessage;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

/** Finds who has some content, and then where those are that came without addresses. */
public final class FindProviders extends Steps {
  private final Kademlia node;
  private final Multihash content;
  private final int limit;
  private final Holders holders;
  private final Map<PeerId, Set<Multiaddr>> found;
  private final Queue<PeerId> homeless = new ArrayDeque<>();

  static FindProviders of(Kademlia node, Multihash content, int limit, long nowMs) {
    Map<PeerId, Set<Multiaddr>> found = new LinkedHashMap<>();
    for (ProviderRecord record : node.providers().get(content, nowMs)) {
      add(node, found, record.provider(), record.addresses(), limit);
    }
    Search search =
        node.search(
            KadMessage.of(KadMessage.Type.GET_PROVIDERS, content.bytes()),
            (from, reply, atMs) -> {
              take(node, found, from, reply, limit);
              return found.size() < limit;
            });
    if (found.size() >= limit) {
      search.timeUp();
    }
    return new FindProviders(node, content, limit, new Holders(node, search), found);
  }

  private FindProviders(
      Kademlia node,
      Multihash content,
      int limit,
      Holders holders,
      Map<PeerId, Set<Multiaddr>> found) {
    super(holders);
    this.node = node;
    this.content = content;
    this.limit = limit;
    this.holders = holders;
    this.found = found;
  }

  private static void take(
      Kademlia node, Map<PeerId, Set<Multiaddr>> found, PeerId from, KadMessage reply, int limit) {
    AddressScope scope = node.peers().scope(from);
    for (KadMessage.Peer provider : reply.providers()) {
      add(node, found, provider.id(), scope.visible(provider.addresses()), limit);
    }
  }

  private static void add(
      Kademlia node,
      Map<PeerId, Set<Multiaddr>> found,
      PeerId provider,
      List<Multiaddr> addresses,
      int limit) {
    if (provider.equals(node.self()) || (found.size() >= limit && !found.containsKey(provider))) {
      return;
    }
    Set<Multiaddr> known = found.computeIfAbsent(provider, any -> new LinkedHashSet<>());
    if (known.size() < PeerAddresses.MAX_ADDRESSES) {
      known.addAll(addresses);
    }
  }

  @Override
  @Nullable Operation after(Operation done, long nowMs) {
    if (done == holders && !isHurried() && !holders.notAsked().isEmpty()) {
      KadMessage request = KadMessage.of(KadMessage.Type.GET_PROVIDERS, content.bytes());
      return new Tell(
          node.peers(),
          holders.notAsked(),
          peer -> request,
          (from, reply) -> {
            take(node, found, from, reply, limit);
            return true;
          });
    }
    if (done == holders || done instanceof Tell) {
      found.forEach((provider, addresses) -> {
        addresses.addAll(node.peers().addresses(provider));
        if (addresses.isEmpty()) {
          homeless.add(provider);
        }
      });
    } else if (done instanceof FindPeer told) {
      told.result()
          .ifPresent(peer ->
              found.getOrDefault(peer.peer(), new LinkedHashSet<>()).addAll(peer.addresses()));
    }
    PeerId next = isHurried() ? null : homeless.poll();
    return next == null ? null : new FindPeer(node, next);
  }

  /** Those found so far, with what is known of where they are. */
  public List<PeerAddresses> result() {
    List<PeerAddresses> providers = new ArrayList<>();
    found.forEach((provider, addresses) ->
        providers.add(new PeerAddresses(provider, List.copyOf(addresses))));
    return providers;
  }
}
