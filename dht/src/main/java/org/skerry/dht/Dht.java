package org.skerry.dht;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;
import org.skerry.dht.record.RecordNamespace;
import org.skerry.dht.record.RecordStore;
import org.skerry.dht.record.RefusalLedger;
import org.skerry.dht.record.Rejection;
import org.skerry.dht.routing.PeerAddresses;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

/**
 * A node of the DHT over a {@link Host}: serves other peers' requests (as a server), puts, gets,
 * provides and finds, and keeps its routing table and records fresh.
 *
 * <p>Thread-safe. The calls that ask the network block, so they belong on virtual threads; none
 * blocks for longer than its timeout or the configuration's. An interrupt ends them early with what
 * they have found so far.
 */
public final class Dht implements AutoCloseable {
  private final Kademlia kademlia;
  private final DhtNode node;
  private final Maintenance maintenance;

  private Dht(Kademlia kademlia, DhtNode node, Maintenance maintenance) {
    this.kademlia = kademlia;
    this.node = node;
    this.maintenance = maintenance;
  }

  /** Starts with the system's clock, a timer of its own and real randomness. */
  public static Dht start(
      Host host,
      DhtConfig config,
      RecordStore store,
      PeerStore known,
      Map<String, RecordNamespace> namespaces) {
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("dht-timer").factory());
    return start(
        host,
        config,
        store,
        known,
        namespaces,
        InstantSource.system(),
        timer,
        RandomGenerator.of("L64X128MixRandom"));
  }

  /**
   * Starts the node: from now on it serves (as a server) and takes identified servers into its
   * table. Neither {@code host} nor {@code store} is closed with it; {@code timer} is.
   *
   * @param known the peers that it knew before, and where it keeps those that it knows
   * @param namespaces the rules of values by the first segment of their keys
   */
  public static Dht start(
      Host host,
      DhtConfig config,
      RecordStore store,
      PeerStore known,
      Map<String, RecordNamespace> namespaces,
      InstantSource clock,
      ScheduledExecutorService timer,
      RandomGenerator random) {
    Kademlia kademlia =
        new Kademlia(config, new HostAddressBook(host), store, known, namespaces, random);
    DhtNode node = new DhtNode(kademlia, host, clock);
    Maintenance maintenance = new Maintenance(kademlia, node, timer);
    node.start();
    maintenance.start();
    return new Dht(kademlia, node, maintenance);
  }

  /**
   * Joins the network through {@code peers} (addresses that end in {@code /p2p/PEER}) and some of
   * those it knew before, and looks this node itself up, so that its neighbours learn of it. All
   * are tried again later whenever the table is empty.
   *
   * @return how many of them answered
   */
  public int bootstrap(List<Multiaddr> peers) {
    Join join = kademlia.join(peers);
    run(join);
    return join.answered();
  }

  /**
   * Makes this node a server, which holds records and enters others' tables, or a client, which
   * only asks; connected peers are told at once. What a server held it keeps, and passes on when
   * due.
   */
  public void serve(boolean serves) {
    node.serve(serves);
  }

  /** Whether this node is a server now. */
  public boolean isServing() {
    return kademlia.isServing();
  }

  /** Stores {@code value} at the k peers nearest to {@code key}; it lives for the records' TTL. */
  public PutResult put(byte[] key, byte[] value) {
    Optional<Rejection> refusal = kademlia.refusalOf(key, value);
    if (refusal.isPresent()) {
      return new PutResult(0, 0, refusal);
    }
    Put put = kademlia.put(key, value, node.nowMs());
    run(put);
    return put.result();
  }

  /**
   * The join of all valid values that the key's holders have, or of as many as the quorum asks for.
   * Holders that had an older value, or none, are told of the result in the background.
   */
  public Optional<byte[]> get(byte[] key, Duration timeout) {
    Get get = kademlia.get(key, node.nowMs());
    run(get, timeout);
    return get.best();
  }

  /**
   * Announces this peer as a provider of {@code content}, now and every time that is due, until
   * {@link #stopProviding}.
   *
   * @return how many peers took the announcement
   */
  public int provide(Multihash content) {
    Announce announce = kademlia.provide(content, node.nowMs());
    run(announce);
    return announce.told();
  }

  /** Ends announcing; the records at other peers end with their TTL. */
  public void stopProviding(Multihash content) {
    kademlia.stopProviding(content);
  }

  /** Up to {@code limit} providers of {@code content} other than this peer, with addresses. */
  public List<PeerAddresses> findProviders(Multihash content, int limit, Duration timeout) {
    FindProviders find = kademlia.findProviders(content, limit, node.nowMs());
    run(find, timeout);
    return find.result();
  }

  /** Where {@code peer} may be reached, from what is known or from the network. */
  public Optional<PeerAddresses> findPeer(PeerId peer) {
    List<Multiaddr> known = kademlia.peers().addresses(peer);
    if (kademlia.peers().isConnected(peer) && !known.isEmpty()) {
      return Optional.of(new PeerAddresses(peer, known));
    }
    FindPeer find = kademlia.findPeer(peer);
    run(find);
    return find.result();
  }

  /**
   * The k live peers nearest to {@code key} (any bytes: record key, multihash or peer id), nearest
   * first. A server counts itself where it is one of them.
   */
  public List<PeerId> closest(byte[] key) {
    Closest closest = kademlia.closest(key);
    run(closest);
    return closest.peers();
  }

  public int routingTableSize() {
    return kademlia.members().size();
  }

  /** The members of the routing table. */
  public List<PeerId> peers() {
    return kademlia.members();
  }

  /** How many values this node holds for others. */
  public int valueCount() {
    return kademlia.valueCount();
  }

  /** How many provider records this node holds. */
  public int providerCount() {
    return kademlia.providerCount();
  }

  /**
   * Events by name since the start: {@code inbound.TYPE}, {@code outbound.TYPE}, {@code
   * outbound.failed.REASON}, {@code rejected.REASON} (what peers sent that was refused), {@code
   * republished}, {@code reprovided}, {@code expired}, {@code repaired}, {@code
   * evicted.provider.content} and {@code .all} (records that made room for others), {@code
   * peers.unreadable} (entries of the peer store).
   */
  public Map<String, Long> counters() {
    return kademlia.counts();
  }

  /** Which peers sent what was refused, for what and how often; the most refused first. */
  public List<RefusalLedger.Refusal> refusals() {
    return kademlia.refusals();
  }

  private void run(Operation operation) {
    run(operation, kademlia.config().operationTimeout());
  }

  private void run(Operation operation, Duration limit) {
    try {
      node.run(operation, limit);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Does at once what is due by the clock; the timer does so by itself every interval. */
  void maintain() throws InterruptedException {
    maintenance.run();
  }

  @Override
  public void close() {
    maintenance.close();
    node.close();
  }
}
