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
  private final DhtNode node;
  private final Maintenance maintenance;

  private Dht(DhtNode node, Maintenance maintenance) {
    this.node = node;
    this.maintenance = maintenance;
  }

  /** Starts with the system's clock, a timer of its own and real randomness. */
  public static Dht start(
      Host host, DhtConfig config, RecordStore store, Map<String, RecordNamespace> namespaces) {
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("dht-timer").factory());
    return start(
        host,
        config,
        store,
        namespaces,
        InstantSource.system(),
        timer,
        RandomGenerator.of("L64X128MixRandom"));
  }

  /**
   * Starts the node: from now on it serves (as a server) and takes identified servers into its
   * table. Neither {@code host} nor {@code store} is closed with it; {@code timer} is.
   *
   * @param namespaces the rules of values by the first segment of their keys
   */
  public static Dht start(
      Host host,
      DhtConfig config,
      RecordStore store,
      Map<String, RecordNamespace> namespaces,
      InstantSource clock,
      ScheduledExecutorService timer,
      RandomGenerator random) {
    DhtNode node = new DhtNode(host, config, store, namespaces, clock);
    Maintenance maintenance = new Maintenance(node, timer, random);
    node.start();
    maintenance.start();
    return new Dht(node, maintenance);
  }

  /**
   * Joins the network through {@code peers} (addresses that end in {@code /p2p/PEER}), and looks
   * this node itself up, so that its neighbours learn of it. The addresses are tried again later
   * whenever the table is empty.
   *
   * @return how many of them answered
   */
  public int bootstrap(List<Multiaddr> peers) {
    return maintenance.bootstrap(peers);
  }

  /** Stores {@code value} at the k peers nearest to {@code key}; it lives for the records' TTL. */
  public PutResult put(byte[] key, byte[] value) {
    return node.values().put(key, value);
  }

  /**
   * The join of all valid values that the key's holders have, or of as many as the quorum asks for.
   * Holders that had an older value, or none, are told of the result in the background.
   */
  public Optional<byte[]> get(byte[] key, Duration timeout) {
    return node.values().get(key, timeout);
  }

  /**
   * Announces this peer as a provider of {@code content}, now and every time that is due, until
   * {@link #stopProviding}.
   *
   * @return how many peers took the announcement
   */
  public int provide(Multihash content) {
    return node.providing().provide(content);
  }

  /** Ends announcing; the records at other peers end with their TTL. */
  public void stopProviding(Multihash content) {
    node.providing().stopProviding(content);
  }

  /** Up to {@code limit} providers of {@code content} other than this peer, with addresses. */
  public List<PeerAddresses> findProviders(Multihash content, int limit, Duration timeout) {
    return node.providing().find(content, limit, timeout);
  }

  /** Where {@code peer} may be reached, from what is known or from the network. */
  public Optional<PeerAddresses> findPeer(PeerId peer) {
    return node.findPeer(peer, node.config().operationTimeout());
  }

  /**
   * The k live peers nearest to {@code key} (any bytes: record key, multihash or peer id), nearest
   * first. A server counts itself where it is one of them.
   */
  public List<PeerId> closest(byte[] key) {
    return node.closest(key);
  }

  public int routingTableSize() {
    return node.peers().locked(table -> table.size());
  }

  /** The members of the routing table. */
  public List<PeerId> peers() {
    return node.peers().locked(table -> table.peers());
  }

  /** How many values this node holds for others. */
  public int valueCount() {
    return node.valueRecords().count();
  }

  /** How many provider records this node holds. */
  public int providerCount() {
    return node.providerRecords().count();
  }

  /**
   * Events by name since the start: {@code inbound.TYPE}, {@code outbound.TYPE}, {@code
   * outbound.failed.REASON}, {@code rejected.REASON} (what peers sent that was refused), {@code
   * republished}, {@code reprovided}, {@code expired}, {@code repaired}.
   */
  public Map<String, Long> counters() {
    return node.counters().snapshot();
  }

  /** Which peers sent what was refused, for what and how often; the most refused first. */
  public List<RefusalLedger.Refusal> refusals() {
    return node.counters().refusals();
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
