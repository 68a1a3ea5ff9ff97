package org.skerry.dht;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.skerry.dht.routing.KademliaKey;
import org.skerry.dht.wire.KadMessage;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node does of itself, each interval: drops what has expired, checks quiet peers, refreshes
 * buckets, passes values on, announces what it provides, and joins again when it is alone.
 */
final class Maintenance implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Maintenance.class);
  private static final int CHECKS = 32;
  private static final int REFRESHES = 4;
  private static final int REPUBLISHES = 256;

  /** Buckets beyond are so near to this node that looking itself up refreshes them. */
  private static final int MAX_REFRESHED_BUCKET = 12;

  private final DhtNode node;
  private final ScheduledExecutorService timer;
  private final RandomGenerator random;
  private final Set<Multiaddr> bootstrapPeers = ConcurrentHashMap.newKeySet();

  /** One run at a time; guards {@link #selfRefreshedMs} and {@link #random}. */
  private final ReentrantLock running = new ReentrantLock();

  private long selfRefreshedMs = Long.MIN_VALUE / 2;

  Maintenance(DhtNode node, ScheduledExecutorService timer, RandomGenerator random) {
    this.node = node;
    this.timer = timer;
    this.random = random;
  }

  void start() {
    long intervalMs = node.config().maintenanceInterval().toMillis();
    timer.scheduleWithFixedDelay(
        () -> node.inBackground(this::runQuietly), intervalMs, intervalMs, TimeUnit.MILLISECONDS);
  }

  private void runQuietly() {
    try {
      run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RejectedExecutionException e) {
      LOG.debug("maintenance of the DHT ended with the node");
    } catch (RuntimeException e) {
      LOG.warn("maintenance of the DHT failed and will be tried again: {}", e.toString(), e);
    }
  }

  /** Does what is due now; returns at once when another run is under way. */
  void run() throws InterruptedException {
    if (!running.tryLock()) {
      return;
    }
    try {
      long nowMs = node.nowMs();
      expire(nowMs);
      if (node.peers().locked(table -> table.size()) == 0 && !bootstrapPeers.isEmpty()) {
        bootstrap(List.copyOf(bootstrapPeers));
      }
      node.toAll(
          node.peers().locked(table -> table.due(nowMs, CHECKS)),
          peer -> node.client().ask(peer, KadMessage.of(KadMessage.Type.PING, new byte[0])));
      refresh(nowMs);
      passOn(nowMs);
    } finally {
      running.unlock();
    }
  }

  /** Values to the holders of now, and what this node provides to whom it concerns. */
  private void passOn(long nowMs) throws InterruptedException {
    List<Callable<Boolean>> tasks = new ArrayList<>();
    for (byte[] key : node.valueRecords().dueForRepublish(nowMs, REPUBLISHES)) {
      tasks.add(() -> {
        node.values().republish(key);
        return true;
      });
    }
    for (Multihash content : node.providing().due(nowMs)) {
      tasks.add(() -> {
        node.providing().announce(content);
        node.counters().count("reprovided");
        return true;
      });
    }
    node.inTurns(tasks);
  }

  private void expire(long nowMs) {
    int expired = node.valueRecords().expire(nowMs) + node.providerRecords().expire(nowMs);
    for (int i = 0; i < expired; i++) {
      node.counters().count("expired");
    }
  }

  private void refresh(long nowMs) throws InterruptedException {
    long sinceMs = nowMs - node.config().refreshInterval().toMillis();
    if (selfRefreshedMs <= sinceMs) {
      selfRefreshedMs = nowMs;
      node.lookup(node.host().peerId().bytes());
    }
    List<Integer> stale = node.peers().locked(table -> table.staleBuckets(sinceMs));
    for (int bucket : stale.subList(0, Math.min(stale.size(), REFRESHES))) {
      if (bucket <= MAX_REFRESHED_BUCKET) {
        node.lookup(idInBucket(bucket).bytes());
      }
    }
  }

  /** An invented peer id that shares exactly {@code bucket} bits with this node, by trial. */
  private PeerId idInBucket(int bucket) {
    KademliaKey self = KademliaKey.of(node.host().peerId());
    byte[] digest = new byte[32];
    while (true) {
      random.nextBytes(digest);
      PeerId id = new PeerId(Multihash.ofSha256(digest));
      if (self.commonPrefixBits(KademliaKey.of(id)) == bucket) {
        return id;
      }
    }
  }

  int bootstrap(List<Multiaddr> addresses) {
    Set<PeerId> wanted = new LinkedHashSet<>();
    List<Multiaddr> unnamed = new ArrayList<>();
    PeerId self = node.host().peerId();
    for (Multiaddr address : addresses) {
      address.peerId().ifPresentOrElse(wanted::add, () -> unnamed.add(address));
    }
    unnamed.forEach(
        address -> LOG.warn("bootstrap address {} does not end in /p2p/PEER; left out", address));
    wanted.remove(self);
    addresses.stream()
        .filter(address -> address.peerId().filter(wanted::contains).isPresent())
        .forEach(bootstrapPeers::add);
    try {
      int answered = node.toAll(wanted, peer -> join(peer, addresses)).size();
      if (answered > 0) {
        node.lookup(self.bytes());
      }
      return answered;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  private void join(PeerId peer, List<Multiaddr> addresses) throws Libp2pException {
    Host host = node.host();
    host.addAddresses(
        peer, addresses.stream().filter(a -> a.peerId().filter(peer::equals).isPresent()).toList());
    node.client().ask(peer, KadMessage.of(KadMessage.Type.FIND_NODE, host.peerId().bytes()));
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
