package org.skerry.dht;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.skerry.dht.record.ValueRecord;
import org.skerry.dht.routing.KademliaKey;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node does of itself: drops what has expired, checks quiet peers, refreshes buckets, passes
 * values on, announces what it provides, and joins again when it is alone.
 *
 * <p>One caller at a time, but for {@link #join}.
 */
final class Upkeep {
  private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);
  private static final int CHECKS = 32;
  private static final int REFRESHES = 4;
  private static final int FULL_INTERVALS = 6;
  private static final int REPUBLISHES = 256;

  /** Peers known from before that are asked at each refresh, beside a bootstrap peer. */
  private static final int OUTSIDERS = 2;

  /** Buckets beyond are so near to this node that looking itself up refreshes them. */
  private static final int MAX_REFRESHED_BUCKET = 12;

  private final Kademlia node;
  private final AddressBook book;
  private final Acquaintances acquaintances;

  /** Guarded by itself. */
  private final Map<PeerId, Set<Multiaddr>> bootstrapPeers = new LinkedHashMap<>();

  private long selfRefreshedMs = Long.MIN_VALUE / 2;

  Upkeep(Kademlia node, AddressBook book, Acquaintances acquaintances) {
    this.node = node;
    this.book = book;
    this.acquaintances = acquaintances;
  }

  Join join(List<Multiaddr> addresses) {
    Set<PeerId> through = new LinkedHashSet<>();
    synchronized (bootstrapPeers) {
      for (Multiaddr address : addresses) {
        Optional<PeerId> peer = address.peerId();
        if (peer.isEmpty()) {
          LOG.warn("bootstrap address {} does not end in /p2p/PEER; left out", address);
        } else if (!peer.get().equals(node.self())) {
          bootstrapPeers.computeIfAbsent(peer.get(), any -> new LinkedHashSet<>()).add(address);
          through.add(peer.get());
        }
      }
    }
    return joinThrough(through);
  }

  private Join joinThrough(Set<PeerId> through) {
    Set<PeerId> all = new LinkedHashSet<>(through);
    for (Acquaintance known : acquaintances.best()) {
      book.learn(known.peer(), known.where().addresses());
      all.add(known.peer());
    }
    return joinThroughKnown(all);
  }

  /** Joins through peers of which all but the addresses of bootstrap peers are in the book. */
  private Join joinThroughKnown(Set<PeerId> through) {
    synchronized (bootstrapPeers) {
      bootstrapPeers.forEach((peer, addresses) -> {
        if (through.contains(peer)) {
          book.learn(peer, List.copyOf(addresses));
        }
      });
    }
    through.remove(node.self());
    return new Join(node, through);
  }

  /** What is due now. */
  List<Operation> due(long nowMs) {
    expire(nowMs);
    acquaintances.note(node.members(), node.peers()::whereabouts, nowMs);
    Optional<Join> again = joinAgain();
    if (again.isPresent()) {
      // Alone, there is nobody to ask for anything else.
      return List.of(again.get());
    }
    List<Operation> due = new ArrayList<>();
    List<PeerId> quiet = node.peers().locked(table -> table.due(nowMs, CHECKS));
    if (!quiet.isEmpty()) {
      due.add(node.check(quiet));
    }
    refresh(nowMs, due);
    for (byte[] key : node.values().dueForRepublish(nowMs, REPUBLISHES)) {
      Optional<ValueRecord> held = node.values().get(key, nowMs);
      held.ifPresent(
          record -> due.add(Put.passedOn(node, key, record.value(), record.publishedMs())));
    }
    for (Multihash content : node.provided().due(nowMs)) {
      node.counters().count("reprovided");
      due.add(new Announce(node, content, nowMs));
    }
    return due;
  }

  private Optional<Join> joinAgain() {
    Set<PeerId> through;
    synchronized (bootstrapPeers) {
      through = new LinkedHashSet<>(bootstrapPeers.keySet());
    }
    boolean knowsNobody = through.isEmpty() && acquaintances.isEmpty();
    return knowsNobody || node.peers().locked(table -> table.size()) > 0
        ? Optional.empty()
        : Optional.of(joinThrough(through));
  }

  private void expire(long nowMs) {
    int expired = node.values().expire(nowMs) + node.providers().expire(nowMs);
    for (int i = 0; i < expired; i++) {
      node.counters().count("expired");
    }
  }

  private void refresh(long nowMs, List<Operation> due) {
    long intervalMs = node.config().refreshInterval().toMillis();
    long sinceMs = nowMs - intervalMs;
    long fullSinceMs = nowMs - FULL_INTERVALS * intervalMs;
    if (selfRefreshedMs <= sinceMs) {
      selfRefreshedMs = nowMs;
      due.add(joinThroughKnown(outsiders()));
    }
    KademliaKey self = KademliaKey.of(node.self());
    List<Integer> stale = node.peers().locked(table -> table.staleBuckets(sinceMs, fullSinceMs));
    for (int bucket : stale.subList(0, Math.min(stale.size(), REFRESHES))) {
      if (bucket <= MAX_REFRESHED_BUCKET) {
        due.add(node.refresh(node.searchBeside(self, bucket)));
      }
    }
  }

  /**
   * A few peers that were here once, or should be, and are not in the table: after a network was
   * torn apart for so long that each part forgot the others, nothing else leads across.
   */
  private Set<PeerId> outsiders() {
    Set<PeerId> members = new HashSet<>(node.members());
    List<PeerId> bootstrap;
    synchronized (bootstrapPeers) {
      bootstrap = new ArrayList<>(bootstrapPeers.keySet());
    }
    bootstrap.removeAll(members);
    List<Acquaintance> known = acquaintances.except(members);
    Set<PeerId> outsiders = new LinkedHashSet<>();
    node.pick(bootstrap).ifPresent(outsiders::add);
    for (int i = 0; i < OUTSIDERS; i++) {
      node.pick(known)
          .ifPresent(peer -> {
            book.learn(peer.peer(), peer.where().addresses());
            outsiders.add(peer.peer());
          });
    }
    return outsiders;
  }
}
