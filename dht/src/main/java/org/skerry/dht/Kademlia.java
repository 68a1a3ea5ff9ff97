package org.skerry.dht;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.random.RandomGenerator;
import org.skerry.dht.record.ProviderRecords;
import org.skerry.dht.record.RecordNamespace;
import org.skerry.dht.record.RecordStore;
import org.skerry.dht.record.RefusalLedger;
import org.skerry.dht.record.Rejection;
import org.skerry.dht.record.ValueRecords;
import org.skerry.dht.routing.KademliaKey;
import org.skerry.dht.routing.Lookup;
import org.skerry.dht.routing.Preimages;
import org.skerry.dht.wire.KadMessage;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

/**
 * A node of the DHT without threads, clock or sockets: it answers what others ask, and says what to
 * ask others, as {@link Operation operations} that somebody drives. {@link Dht} does so over a
 * {@code Host}; a simulation does so for many nodes at once.
 *
 * <p>Thread-safe; each operation has one owner.
 */
public final class Kademlia {
  /** Why a request got no answer. */
  public enum Failure {
    /** Not reached, not answered in time, or answered with nonsense. */
    SILENT,
    /** The peer does not speak the protocol. */
    UNSUPPORTED,
    /** The peer, or this side, refused this request. */
    REFUSED
  }

  /** What becomes of another peer's request. */
  public sealed interface Outcome permits Reply, Silence, Refusal {}

  /** It is answered with this. */
  public record Reply(KadMessage message) implements Outcome {}

  /** It was accepted, and its type has no answer. */
  public record Silence() implements Outcome {}

  /** It is not accepted, and its stream ends. */
  public record Refusal(Rejection rejection) implements Outcome {}

  /** Half of a region's peers share one bit less than the other half, and so on: 31 of 32. */
  private static final int SIDES = 5;

  private final DhtConfig config;
  private final PeerTable peers;
  private final ValueRecords values;
  private final ProviderRecords providers;
  private final Provided provided;
  private final Counters counters = new Counters();
  private final RequestHandler handler;
  private final Upkeep upkeep;
  private final RandomGenerator random;
  private final RecentSearches recent = new RecentSearches();
  private volatile boolean serving;

  /** A node that knows nobody from before. */
  public Kademlia(
      DhtConfig config,
      AddressBook book,
      RecordStore store,
      Map<String, RecordNamespace> namespaces,
      RandomGenerator random) {
    this(config, book, store, PeerStore.inMemory(), namespaces, random);
  }

  /**
   * @param known the peers that it knew before, and where it keeps those that it knows
   * @param namespaces the rules of values by the first segment of their keys
   */
  public Kademlia(
      DhtConfig config,
      AddressBook book,
      RecordStore store,
      PeerStore known,
      Map<String, RecordNamespace> namespaces,
      RandomGenerator random) {
    this.config = config;
    peers = new PeerTable(book, config.table(), config.lookup());
    values = new ValueRecords(book.self(), peers::origin, namespaces, store, config.values());
    providers = new ProviderRecords(book.self(), store, config.providers());
    provided = new Provided(config.reprovideInterval().toMillis());
    handler = new RequestHandler(k(), peers, values, providers, counters);
    serving = config.serverMode();
    upkeep = new Upkeep(this, book, new Acquaintances(known, counters));
    this.random = random;
  }

  /** Answers a request of {@code from}. */
  public Outcome handle(PeerId from, KadMessage request, long nowMs) {
    counters.inbound(request.type());
    return handler.handle(from, peers.scope(from), request, nowMs);
  }

  /**
   * A peer answered, or says that it serves the protocol.
   *
   * @return a member of the table whose place is in doubt, to be {@link #check checked}
   */
  public Optional<PeerId> heard(PeerId peer, long nowMs) {
    return peers.heard(peer, nowMs);
  }

  /** A peer says that it does not serve the protocol, or no longer. */
  public void doesNotServe(PeerId peer) {
    peers.remove(peer);
  }

  /** A request got no answer. The operation that it was for is to be told by itself. */
  public void failed(Operation.Ask ask, Failure failure, long nowMs) {
    PeerId peer = ask.peer().peer();
    switch (failure) {
      case SILENT -> peers.silent(peer, nowMs);
      case UNSUPPORTED -> peers.remove(peer);
      case REFUSED -> {
        // It is there all the same; but who refuses a ping is of no use in the table.
        if (ask.request().type() == KadMessage.Type.PING) {
          peers.silent(peer, nowMs);
        }
      }
    }
  }

  /**
   * Stores {@code value} at the k peers nearest to {@code key}.
   *
   * @throws IllegalArgumentException when {@link #refusalOf} says why not
   */
  public Put put(byte[] key, byte[] value, long nowMs) {
    refusalOf(key, value)
        .ifPresent(refusal -> {
          throw new IllegalArgumentException(refusal.detail());
        });
    byte[] joined =
        values.get(key, nowMs).map(held -> values.merge(key, held.value(), value)).orElse(value);
    return Put.published(this, key, joined, nowMs);
  }

  /** Why this node itself would refuse a value. */
  public Optional<Rejection> refusalOf(byte[] key, byte[] value) {
    return values.validate(self(), key, value);
  }

  /** The join of all valid values that the key's holders have, or as many as the quorum wants. */
  public Get get(byte[] key, long nowMs) {
    return Get.of(this, key, nowMs);
  }

  /** The k live peers nearest to {@code key}. */
  public Closest closest(byte[] key) {
    return new Closest(this, key);
  }

  /** Announces this peer as a provider now and every time that is due. */
  public Announce provide(Multihash content, long nowMs) {
    provided.add(content, nowMs);
    return new Announce(this, content, nowMs);
  }

  /** Ends announcing. */
  public void stopProviding(Multihash content) {
    provided.remove(content);
    providers.remove(content, self());
  }

  /** Up to {@code limit} providers other than this peer. */
  public FindProviders findProviders(Multihash content, int limit, long nowMs) {
    return FindProviders.of(this, content, limit, nowMs);
  }

  FindPeer findPeer(PeerId peer) {
    return new FindPeer(this, peer);
  }

  /**
   * Joins the network through {@code addresses}, each of which ends in {@code /p2p/PEER}, and
   * through some of the peers it knew before. They are tried again whenever the table is empty.
   */
  public Join join(List<Multiaddr> addresses) {
    return upkeep.join(addresses);
  }

  /** Drops what has expired, and says what is to be done now; no two calls at once. */
  public List<Operation> due(long nowMs) {
    return upkeep.due(nowMs);
  }

  /** Asks peers for a sign of life. */
  public Operation check(List<PeerId> doubted) {
    KadMessage ping = KadMessage.of(KadMessage.Type.PING, new byte[0]);
    return new Tell(peers, doubted, peer -> ping, (peer, reply) -> true);
  }

  Search search(byte[] key) {
    return search(KadMessage.of(KadMessage.Type.FIND_NODE, key), (from, reply, nowMs) -> true);
  }

  Search search(KadMessage request, Search.Replies replies) {
    return new Search(peers, recent, config.lookup(), request, replies);
  }

  Refresh refresh(Search search) {
    return new Refresh(this, search);
  }

  /** Finds those that are to hold {@code key}. */
  Holders holders(byte[] key) {
    return new Holders(this, search(key));
  }

  /** Searches a random point that shares {@code bits} bits with {@code key} and not the next. */
  Search searchBeside(KademliaKey key, int bits) {
    return search(Preimages.sharing(key, bits, random).bytes());
  }

  /** One of {@code some}, whichever. */
  <T> Optional<T> pick(List<T> some) {
    return some.isEmpty() ? Optional.empty() : Optional.of(some.get(random.nextInt(some.size())));
  }

  /** Whether those nearest to a key were put there. */
  boolean isCrowded(Lookup lookup) {
    return peers.size().isCrowded(lookup.target(), lookup.closestKeys());
  }

  /** Searches of the region around {@code key}, but for its middle. */
  List<Search> sidesOf(KademliaKey key) {
    int bits = peers.size().regionBits();
    List<Search> sides = new ArrayList<>();
    for (int i = bits; i < Math.min(bits + SIDES, Preimages.MAX_BITS); i++) {
      sides.add(searchBeside(key, i));
    }
    return sides;
  }

  boolean isInRegion(KademliaKey key, KademliaKey peer) {
    return key.commonPrefixBits(peer) >= peers.size().regionBits();
  }

  /** About how many servers there are; nothing before this node has joined. */
  public OptionalDouble networkSize() {
    return peers.size().estimate();
  }

  /** Makes this node a server or a client; whoever drives it tells the others. */
  public void serve(boolean serves) {
    serving = serves;
  }

  /** Whether it is a server now. */
  public boolean isServing() {
    return serving;
  }

  public PeerId self() {
    return peers.self();
  }

  public DhtConfig config() {
    return config;
  }

  int k() {
    return config.lookup().k();
  }

  /** The members of the routing table. */
  public List<PeerId> members() {
    return peers.locked(table -> table.peers());
  }

  /** How many values this node holds for others. */
  public int valueCount() {
    return values.count();
  }

  /** How many provider records this node holds. */
  public int providerCount() {
    return providers.count();
  }

  /** Whether this node holds a value under {@code key}. */
  public boolean holds(byte[] key, long nowMs) {
    return values.get(key, nowMs).isPresent();
  }

  /** Events by name since the start, as {@link Dht#counters} says. */
  public Map<String, Long> counts() {
    return counters.snapshot();
  }

  /** Which peers sent what was refused, for what and how often; the most refused first. */
  public List<RefusalLedger.Refusal> refusals() {
    return counters.refusals();
  }

  PeerTable peers() {
    return peers;
  }

  ValueRecords values() {
    return values;
  }

  ProviderRecords providers() {
    return providers;
  }

  Provided provided() {
    return provided;
  }

  Counters counters() {
    return counters;
  }
}
