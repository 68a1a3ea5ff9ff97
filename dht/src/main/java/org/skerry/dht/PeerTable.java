package org.skerry.dht;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.skerry.dht.routing.AddressScope;
import org.skerry.dht.routing.IpGroup;
import org.skerry.dht.routing.KademliaKey;
import org.skerry.dht.routing.PeerAddresses;
import org.skerry.dht.routing.RoutingTable;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;

/** The routing table and the host's address book, as one view of the peers. Thread-safe. */
final class PeerTable implements KnownPeers, Host.Listener {
  private final Host host;
  private final String protocol;
  private final RoutingTable table;
  private final InstantSource clock;

  /** Told of members whose liveness is in doubt; never under the lock. */
  private final Consumer<PeerId> doubted;

  /** Guards {@link #table}. */
  private final ReentrantLock lock = new ReentrantLock();

  PeerTable(
      Host host,
      String protocol,
      RoutingTable table,
      InstantSource clock,
      Consumer<PeerId> doubted) {
    this.host = host;
    this.protocol = protocol;
    this.table = table;
    this.clock = clock;
    this.doubted = doubted;
  }

  <T> T locked(Function<RoutingTable, T> use) {
    lock.lock();
    try {
      return use.apply(table);
    } finally {
      lock.unlock();
    }
  }

  /** A peer that serves the protocol, as identify tells, may enter; one that ceased to leaves. */
  @Override
  public void identified(PeerId peer, List<String> protocols, List<Multiaddr> addresses) {
    if (protocols.contains(protocol)) {
      heard(peer);
    } else {
      remove(peer);
    }
  }

  /** A peer has answered, or is known to serve the protocol. */
  void heard(PeerId peer) {
    Optional<IpGroup> group = remoteAddress(peer).flatMap(IpGroup::of);
    RoutingTable.Offer offer = locked(t -> t.offer(peer, group, clock.millis()));
    if (offer instanceof RoutingTable.Waiting waiting) {
      waiting.check().ifPresent(doubted);
    }
  }

  /** A request to a peer failed; what that says about the peer depends on how. */
  void failed(PeerId peer, Libp2pException failure) {
    switch (failure.reason()) {
      case UNREACHABLE, TIMEOUT, HANDSHAKE_FAILED, CLOSED, PROTOCOL_VIOLATION -> silent(peer);
      case PROTOCOL_UNSUPPORTED -> remove(peer);
      // It refused this request, or this side did: it is there all the same.
      case STREAM_RESET, LIMIT_EXCEEDED, ADDRESS_IN_USE -> {}
    }
  }

  /** A peer did not answer. */
  void silent(PeerId peer) {
    locked(t -> t.failed(peer, clock.millis()));
  }

  private void remove(PeerId peer) {
    locked(t -> {
      t.remove(peer);
      return true;
    });
  }

  @Override
  public List<PeerId> closest(KademliaKey target, int count) {
    return locked(t -> t.closest(target, count));
  }

  /** The nearest peers with what is known of their addresses. */
  List<PeerAddresses> seeds(KademliaKey target, int count) {
    return closest(target, count).stream()
        .map(peer -> new PeerAddresses(peer, host.addresses(peer)))
        .toList();
  }

  @Override
  public List<Multiaddr> addresses(PeerId peer) {
    return peer.equals(host.peerId()) ? host.listenAddresses() : host.addresses(peer);
  }

  @Override
  public boolean isConnected(PeerId peer) {
    return remoteAddress(peer).isPresent();
  }

  /** How far the connection to {@code peer} reaches; the least trusted scope when there is none. */
  AddressScope scope(PeerId peer) {
    return remoteAddress(peer).flatMap(AddressScope::of).orElse(AddressScope.PUBLIC);
  }

  private Optional<Multiaddr> remoteAddress(PeerId peer) {
    for (Connection connection : host.connections()) {
      if (connection.remotePeer().equals(peer)) {
        return Optional.of(connection.remoteAddress());
      }
    }
    return Optional.empty();
  }
}
