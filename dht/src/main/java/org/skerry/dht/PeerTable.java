package org.skerry.dht;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.skerry.dht.routing.AddressScope;
import org.skerry.dht.routing.IpGroup;
import org.skerry.dht.routing.KademliaKey;
import org.skerry.dht.routing.Lookup;
import org.skerry.dht.routing.NetworkSize;
import org.skerry.dht.routing.Origin;
import org.skerry.dht.routing.PeerAddresses;
import org.skerry.dht.routing.ResponseTimes;
import org.skerry.dht.routing.RoutingTable;
import org.skerry.dht.routing.Whereabouts;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;

/** The routing table and the transport's address book, as one view of the peers. Thread-safe. */
final class PeerTable implements KnownPeers {
  private final AddressBook book;
  private final RoutingTable table;

  /** Guards {@link #table}. */
  private final ReentrantLock lock = new ReentrantLock();

  private final ResponseTimes times;
  private final NetworkSize size;

  PeerTable(AddressBook book, RoutingTable.Settings settings, Lookup.Settings lookup) {
    this.book = book;
    this.table = new RoutingTable(book.self(), settings);
    this.times = new ResponseTimes(lookup.slowMs());
    this.size = new NetworkSize(lookup.k());
  }

  <T> T locked(Function<RoutingTable, T> use) {
    lock.lock();
    try {
      return use.apply(table);
    } finally {
      lock.unlock();
    }
  }

  PeerId self() {
    return book.self();
  }

  /**
   * A peer has answered, or is known to serve the protocol.
   *
   * @return a member that should be asked for a sign of life
   */
  Optional<PeerId> heard(PeerId peer, long nowMs) {
    if (locked(t -> t.alive(peer, nowMs))) {
      return Optional.empty();
    }
    Optional<IpGroup> group = group(peer);
    return locked(t -> t.offer(peer, group, nowMs)) instanceof RoutingTable.Waiting waiting
        ? waiting.check()
        : Optional.empty();
  }

  /** Where {@code peer} is connected from. */
  Optional<IpGroup> group(PeerId peer) {
    return book.remoteAddress(peer).flatMap(IpGroup::of);
  }

  /** How long peers take to answer. */
  ResponseTimes times() {
    return times;
  }

  /** How many peers there are. */
  NetworkSize size() {
    return size;
  }

  /** A peer did not answer. */
  void silent(PeerId peer, long nowMs) {
    locked(t -> t.failed(peer, nowMs));
  }

  /** A peer does not serve the protocol. */
  void remove(PeerId peer) {
    locked(t -> {
      t.remove(peer);
      return true;
    });
  }

  void refreshed(KademliaKey target, long nowMs) {
    locked(t -> {
      t.refreshed(target, nowMs);
      return true;
    });
  }

  @Override
  public List<PeerId> closest(KademliaKey target, int count, PeerId except) {
    return locked(t -> t.closest(target, count + 1)).stream()
        .filter(peer -> !peer.equals(except))
        .limit(count)
        .toList();
  }

  /** The nearest peers with what is known of their addresses. */
  List<PeerAddresses> seeds(KademliaKey target, int count) {
    return locked(t -> t.closest(target, count)).stream().map(this::known).toList();
  }

  /** What is known of where {@code peer} is. */
  PeerAddresses known(PeerId peer) {
    return new PeerAddresses(peer, book.addresses(peer));
  }

  @Override
  public List<Multiaddr> addresses(PeerId peer) {
    return peer.equals(book.self()) ? book.listenAddresses() : book.addresses(peer);
  }

  @Override
  public boolean isConnected(PeerId peer) {
    return book.remoteAddress(peer).isPresent();
  }

  @Override
  public Origin origin(PeerId peer) {
    return Origin.of(book.remoteAddress(peer));
  }

  /** Where {@code peer} is reached, and the origin that this is. */
  Whereabouts whereabouts(PeerId peer) {
    List<Multiaddr> addresses = known(peer).addresses();
    return new Whereabouts(
        Origin.of(book.remoteAddress(peer).or(() -> addresses.stream().findFirst())), addresses);
  }

  /** How far the connection to {@code peer} reaches; the least trusted scope when there is none. */
  AddressScope scope(PeerId peer) {
    return book.remoteAddress(peer).flatMap(AddressScope::of).orElse(AddressScope.PUBLIC);
  }
}
