package org.skerry.dht;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.skerry.dht.record.ProviderRecord;
import org.skerry.dht.record.ProviderRecords;
import org.skerry.dht.record.Rejection;
import org.skerry.dht.record.ValueRecord;
import org.skerry.dht.record.ValueRecords;
import org.skerry.dht.routing.AddressScope;
import org.skerry.dht.routing.KademliaKey;
import org.skerry.dht.wire.KadMessage;
import org.skerry.dht.wire.KadMessageCodec;
import org.skerry.dht.wire.Timestamps;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.MultiformatException;
import org.skerry.libp2p.multiformats.Multihash;

/** What a server answers to each request; knows no stream, thread or clock. */
final class RequestHandler {
  private final int k;
  private final KnownPeers peers;
  private final ValueRecords values;
  private final ProviderRecords providers;
  private final Counters counters;

  RequestHandler(
      int k, KnownPeers peers, ValueRecords values, ProviderRecords providers, Counters counters) {
    this.k = k;
    this.peers = peers;
    this.values = values;
    this.providers = providers;
    this.counters = counters;
  }

  /** Answers {@code request} of {@code from}, who is reached at an address of {@code scope}. */
  Kademlia.Outcome handle(PeerId from, AddressScope scope, KadMessage request, long nowMs) {
    byte[] key = request.key();
    if (request.type() != KadMessage.Type.PING && key.length == 0) {
      return refusal(Rejection.Reason.INCOMPLETE, request.type() + " without a key");
    }
    if (key.length > ValueRecords.MAX_KEY_BYTES) {
      return refusal(Rejection.Reason.TOO_LARGE, "key of " + key.length + " bytes");
    }
    return switch (request.type()) {
      case PUT_VALUE -> putValue(from, request, nowMs);
      case GET_VALUE -> new Kademlia.Reply(getValue(from, scope, key, nowMs));
      case ADD_PROVIDER -> addProvider(from, scope, request, nowMs);
      case GET_PROVIDERS -> getProviders(from, scope, key, nowMs);
      case FIND_NODE -> new Kademlia.Reply(findNode(from, scope, key));
      case PING -> new Kademlia.Reply(KadMessage.of(KadMessage.Type.PING, key));
    };
  }

  private static Kademlia.Refusal refusal(Rejection.Reason reason, String detail) {
    return new Kademlia.Refusal(new Rejection(reason, detail));
  }

  private Kademlia.Outcome putValue(PeerId from, KadMessage request, long nowMs) {
    if (request.record().isEmpty()) {
      return refusal(Rejection.Reason.INCOMPLETE, "PUT_VALUE without a record");
    }
    KadMessage.Record record = request.record().get();
    if (!Arrays.equals(record.key(), request.key())) {
      return refusal(Rejection.Reason.INCOMPLETE, "PUT_VALUE whose record has another key");
    }
    long publishedMs = Timestamps.parse(record.timeReceived()).orElse(nowMs);
    Optional<Rejection> rejection =
        values.put(from, request.key(), record.value(), publishedMs, nowMs);
    // The answer carries the request's own value even when another one stands there after the
    // merge: go and js take anything else for a failure.
    return rejection.isPresent()
        ? new Kademlia.Refusal(rejection.get())
        : new Kademlia.Reply(
            KadMessage.of(KadMessage.Type.PUT_VALUE, request.key()).withRecord(record));
  }

  private KadMessage getValue(PeerId from, AddressScope scope, byte[] key, long nowMs) {
    KadMessage reply =
        KadMessage.of(KadMessage.Type.GET_VALUE, key).withCloser(closer(from, scope, key));
    return values.get(key, nowMs).map(held -> reply.withRecord(toWire(held))).orElse(reply);
  }

  /** A stored value as others see it; the time is the one that decides when it expires. */
  static KadMessage.Record toWire(ValueRecord record) {
    return new KadMessage.Record(
        record.key(), record.value(), Timestamps.format(record.publishedMs()));
  }

  private Kademlia.Outcome addProvider(
      PeerId from, AddressScope scope, KadMessage request, long nowMs) {
    Optional<Multihash> content = multihash(request.key());
    if (content.isEmpty()) {
      return refusal(Rejection.Reason.INCOMPLETE, "ADD_PROVIDER whose key is no multihash");
    }
    for (KadMessage.Peer peer : request.providers()) {
      if (peer.id().equals(from)) {
        providers
            .put(content.get(), from, peers.origin(from), scope.visible(peer.addresses()), nowMs)
            .ifPresent(evicted -> counters.evicted(evicted.bound()));
        return new Kademlia.Silence();
      }
    }
    return refusal(Rejection.Reason.NOT_THE_SENDER, "ADD_PROVIDER that does not name its sender");
  }

  private Kademlia.Outcome getProviders(PeerId from, AddressScope scope, byte[] key, long nowMs) {
    Optional<Multihash> content = multihash(key);
    if (content.isEmpty()) {
      return refusal(Rejection.Reason.INCOMPLETE, "GET_PROVIDERS whose key is no multihash");
    }
    List<KadMessage.Peer> found = new ArrayList<>();
    for (ProviderRecord record : providers.get(content.get(), nowMs)) {
      if (found.size() < KadMessageCodec.MAX_PEERS) {
        Set<Multiaddr> addresses = new LinkedHashSet<>(record.addresses());
        addresses.addAll(peers.addresses(record.provider()));
        found.add(peer(record.provider(), scope.visible(addresses)));
      }
    }
    return new Kademlia.Reply(
        KadMessage.of(KadMessage.Type.GET_PROVIDERS, key)
            .withProviders(found)
            .withCloser(closer(from, scope, key)));
  }

  private KadMessage findNode(PeerId from, AddressScope scope, byte[] key) {
    List<KadMessage.Peer> found = new ArrayList<>(closer(from, scope, key));
    peerId(key)
        .filter(wanted -> found.stream().noneMatch(peer -> peer.id().equals(wanted)))
        .map(wanted -> peer(wanted, scope.visible(peers.addresses(wanted))))
        .filter(wanted -> !wanted.addresses().isEmpty())
        .ifPresent(found::addFirst);
    return KadMessage.of(KadMessage.Type.FIND_NODE, key).withCloser(found);
  }

  /** The k nearest peers to {@code key}, but for who asks and those it could not reach. */
  private List<KadMessage.Peer> closer(PeerId from, AddressScope scope, byte[] key) {
    List<KadMessage.Peer> closer = new ArrayList<>(k);
    for (PeerId peer : peers.closest(KademliaKey.of(key), k, from)) {
      List<Multiaddr> addresses = scope.visible(peers.addresses(peer));
      if (!addresses.isEmpty()) {
        closer.add(peer(peer, addresses));
      }
    }
    return closer;
  }

  private KadMessage.Peer peer(PeerId peer, List<Multiaddr> addresses) {
    return new KadMessage.Peer(
        peer,
        addresses,
        peers.isConnected(peer)
            ? KadMessage.ConnectionType.CONNECTED
            : KadMessage.ConnectionType.NOT_CONNECTED);
  }

  private static Optional<Multihash> multihash(byte[] key) {
    try {
      return Optional.of(Multihash.ofBytes(key));
    } catch (MultiformatException e) {
      return Optional.empty();
    }
  }

  private static Optional<PeerId> peerId(byte[] key) {
    return multihash(key).map(PeerId::new);
  }
}
