package org.skerry.dht;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.skerry.dht.record.ProviderRecords;
import org.skerry.dht.record.RecordNamespace;
import org.skerry.dht.record.RecordStore;
import org.skerry.dht.record.ValueRecords;
import org.skerry.dht.routing.KademliaKey;
import org.skerry.dht.routing.Lookup;
import org.skerry.dht.routing.PeerAddresses;
import org.skerry.dht.routing.RoutingTable;
import org.skerry.dht.wire.KadMessage;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of a running node and what they have in common. Thread-safe. */
final class DhtNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DhtNode.class);
  private static final int TASKS_AT_ONCE = 16;

  private final Host host;
  private final DhtConfig config;
  private final InstantSource clock;
  private final Counters counters = new Counters();
  private final ExecutorService executor =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("dht-", 0).factory());
  private final PeerTable peers;
  private final KadClient client;
  private final LookupRunner lookups;
  private final ValueRecords valueRecords;
  private final ProviderRecords providerRecords;
  private final ValueRouting values;
  private final ContentRouting providing;
  private final InboundRequests inbound;
  private final Set<PeerId> beingChecked = ConcurrentHashMap.newKeySet();

  DhtNode(
      Host host,
      DhtConfig config,
      RecordStore store,
      Map<String, RecordNamespace> namespaces,
      InstantSource clock) {
    this.host = host;
    this.config = config;
    this.clock = clock;
    RoutingTable table = new RoutingTable(host.peerId(), config.table());
    peers = new PeerTable(host, config.protocol(), table, clock, this::checkInBackground);
    client = new KadClient(host, config.protocol(), config.requestTimeout(), counters);
    lookups = new LookupRunner(host, peers, client, config.lookup(), executor, clock);
    valueRecords = new ValueRecords(host.peerId(), namespaces, store, config.values());
    providerRecords = new ProviderRecords(store, config.providers());
    values = new ValueRouting(this);
    providing = new ContentRouting(this);
    RequestHandler handler =
        new RequestHandler(
            host.peerId(), config.lookup().k(), peers, valueRecords, providerRecords);
    inbound =
        new InboundRequests(
            handler,
            peers,
            new PeerLimiter(config.inbound(), clock.millis()),
            config.inbound().idle(),
            clock,
            counters);
  }

  void start() {
    host.addListener(peers);
    if (config.serverMode()) {
      host.handle(config.protocol(), inbound);
    }
    // Peers that were identified before this node listened are asked instead.
    host.connections().forEach(connection -> checkInBackground(connection.remotePeer()));
  }

  Host host() {
    return host;
  }

  DhtConfig config() {
    return config;
  }

  long nowMs() {
    return clock.millis();
  }

  Counters counters() {
    return counters;
  }

  PeerTable peers() {
    return peers;
  }

  ValueRecords valueRecords() {
    return valueRecords;
  }

  ProviderRecords providerRecords() {
    return providerRecords;
  }

  ValueRouting values() {
    return values;
  }

  ContentRouting providing() {
    return providing;
  }

  LookupRunner lookups() {
    return lookups;
  }

  KadClient client() {
    return client;
  }

  /** The k live peers nearest to {@code key}, without this node. */
  Lookup lookup(byte[] key) throws InterruptedException {
    return lookups.run(
        KadMessage.of(KadMessage.Type.FIND_NODE, key),
        config.operationTimeout(),
        (from, reply) -> true);
  }

  List<PeerId> closest(byte[] key) {
    try {
      Lookup lookup = lookup(key);
      List<PeerId> closest = new ArrayList<>(lookup.closest());
      if (isHolder(lookup)) {
        KademliaKey target = KademliaKey.of(key);
        closest.add(host.peerId());
        closest.sort((a, b) -> target.compareDistance(KademliaKey.of(a), KademliaKey.of(b)));
      }
      return closest.subList(0, Math.min(closest.size(), config.lookup().k()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }

  /** Whether this node itself should hold what the lookup was for. */
  boolean isHolder(Lookup lookup) {
    return config.serverMode() && lookup.selfIsAmongClosest();
  }

  Optional<PeerAddresses> findPeer(PeerId peer, Duration timeout) {
    if (peers.isConnected(peer) && !host.addresses(peer).isEmpty()) {
      return Optional.of(new PeerAddresses(peer, host.addresses(peer)));
    }
    Set<Multiaddr> found = new LinkedHashSet<>();
    try {
      lookups.run(
          KadMessage.of(KadMessage.Type.FIND_NODE, peer.bytes()),
          timeout,
          (from, reply) -> {
            boolean connected = false;
            for (KadMessage.Peer named : reply.closer()) {
              if (named.id().equals(peer)) {
                found.addAll(peers.scope(from.peer()).visible(named.addresses()));
                connected |= named.connection() == KadMessage.ConnectionType.CONNECTED;
              }
            }
            // Who is connected to the peer knows where it is now; others may remember old places.
            return !connected || found.isEmpty();
          });
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (found.isEmpty()) {
      found.addAll(host.addresses(peer));
    }
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(new PeerAddresses(peer, List.copyOf(found)));
  }

  /** A request to a single peer, noted in the routing table however it ends. */
  interface Request {
    void send(PeerId peer) throws Libp2pException;
  }

  /** Sends {@code request} to all {@code to} at once; returns those that took it. */
  List<PeerId> toAll(Collection<PeerId> to, Request request) throws InterruptedException {
    List<PeerId> peersInOrder = List.copyOf(to);
    List<Callable<Boolean>> tasks = new ArrayList<>();
    for (PeerId peer : peersInOrder) {
      tasks.add(() -> tell(peer, request));
    }
    List<PeerId> took = new ArrayList<>();
    List<Future<Boolean>> done =
        executor.invokeAll(tasks, config.operationTimeout().toMillis(), TimeUnit.MILLISECONDS);
    for (int i = 0; i < done.size(); i++) {
      if (succeeded(done.get(i))) {
        took.add(peersInOrder.get(i));
      }
    }
    return took;
  }

  /** Runs {@code tasks} a few at a time; one that takes too long is left to end by itself. */
  void inTurns(List<Callable<Boolean>> tasks) throws InterruptedException {
    for (int from = 0; from < tasks.size(); from += TASKS_AT_ONCE) {
      List<Callable<Boolean>> turn =
          tasks.subList(from, Math.min(from + TASKS_AT_ONCE, tasks.size()));
      long limitMs = 2 * config.operationTimeout().toMillis();
      for (Future<Boolean> task : executor.invokeAll(turn, limitMs, TimeUnit.MILLISECONDS)) {
        try {
          task.get();
        } catch (ExecutionException e) {
          LOG.warn("upkeep of the DHT's records failed and will be tried again", e.getCause());
        } catch (CancellationException e) {
          counters.count("upkeep.timed_out");
        }
      }
    }
  }

  private static boolean succeeded(Future<Boolean> task) throws InterruptedException {
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a request failed in a way of its own", e);
    } catch (CancellationException e) {
      return false;
    }
  }

  private boolean tell(PeerId peer, Request request) {
    try {
      request.send(peer);
      peers.heard(peer);
      return true;
    } catch (Libp2pException e) {
      peers.failed(peer, e);
      return false;
    }
  }

  /** Asks {@code peer} for a sign of life, once at a time. */
  void checkInBackground(PeerId peer) {
    if (beingChecked.add(peer)) {
      inBackground(() -> {
        try {
          check(peer);
        } finally {
          beingChecked.remove(peer);
        }
      });
    }
  }

  /** Asks {@code peer} for a sign of life. */
  void check(PeerId peer) {
    boolean alive =
        tell(peer, to -> client.ask(to, KadMessage.of(KadMessage.Type.PING, new byte[0])));
    if (!alive) {
      // Whatever the reason: who never answers a ping is of no use in the table.
      peers.silent(peer);
    }
  }

  void inBackground(Runnable task) {
    try {
      executor.execute(task);
    } catch (RejectedExecutionException e) {
      // Closed meanwhile: then nobody waits for the result.
    }
  }

  @Override
  public void close() {
    host.unhandle(config.protocol());
    executor.shutdownNow();
  }
}
