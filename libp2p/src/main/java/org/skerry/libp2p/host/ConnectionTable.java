package org.skerry.libp2p.host;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Subnet;

/**
 * The connections of a host, and the places that those to come have taken. Thread-safe.
 *
 * <p>Two peers that dial each other at once get two connections. Both stay usable; new streams go
 * to the one that the peer with the smaller id dialled, on either side, and the other closes once
 * it has been idle for a while. So does a relayed connection beside a direct one.
 */
final class ConnectionTable {
  private final PeerId self;
  private final ConnectionLimits limits;
  private final InboundRates rates;
  private final Map<PeerId, List<MuxedConnection>> byPeer = new HashMap<>();
  private final Map<PeerId, Set<String>> protectedPeers = new HashMap<>();
  private int open;
  private int places;
  private int inbound;
  private int pendingInbound;
  private final Tally<Subnet> inboundPerHost = new Tally<>();
  private final Tally<Subnet> inboundPerSubnet = new Tally<>();
  private final Tally<Subnet> pendingPerHost = new Tally<>();

  /** What came of asking for a place. */
  sealed interface Admission {
    record Admitted(Place place) implements Admission {}

    record Refused(HostMetrics.Refusal refusal) implements Admission {}
  }

  /** The room that one connection takes from its first packet to its last. */
  final class Place {
    private final @Nullable Origin origin;
    private boolean pending;
    private boolean taken = true;

    private Place(@Nullable Origin origin) {
      this.origin = origin;
      this.pending = origin != null;
    }

    /** The handshake has ended, well or not. */
    void handshakeOver() {
      synchronized (ConnectionTable.this) {
        if (pending && origin != null) {
          pending = false;
          pendingInbound--;
          pendingPerHost.take(origin.host());
        }
      }
    }

    void leave() {
      synchronized (ConnectionTable.this) {
        handshakeOver();
        if (taken) {
          taken = false;
          places--;
          if (origin != null) {
            inbound--;
            inboundPerHost.take(origin.host());
            inboundPerSubnet.take(origin.subnet());
          }
        }
      }
    }
  }

  /**
   * Whom an inbound connection is counted against.
   *
   * @param host an IPv6 user has a whole /64
   * @param subnet what one hoster gives to one customer
   */
  private record Origin(Subnet host, Subnet subnet) {
    static Origin of(InetAddress address) {
      byte[] ip = address.getAddress();
      boolean v4 = ip.length == 4;
      return new Origin(Subnet.around(ip, v4 ? 32 : 64), Subnet.around(ip, v4 ? 24 : 48));
    }
  }

  ConnectionTable(PeerId self, ConnectionLimits limits) {
    this.self = self;
    this.limits = limits;
    this.rates = new InboundRates(4 * limits.perIp(), limits.perSecondPerIp());
  }

  synchronized Admission admitInbound(InetAddress host, long nowNanos) {
    Origin origin = Origin.of(host);
    Optional<HostMetrics.Refusal> refusal = refusal(origin, nowNanos);
    if (refusal.isPresent()) {
      return new Admission.Refused(refusal.get());
    }
    places++;
    inbound++;
    pendingInbound++;
    pendingPerHost.add(origin.host());
    inboundPerHost.add(origin.host());
    inboundPerSubnet.add(origin.subnet());
    return new Admission.Admitted(new Place(origin));
  }

  private Optional<HostMetrics.Refusal> refusal(Origin origin, long nowNanos) {
    if (places >= limits.most() || inbound >= limits.mostInbound()) {
      return Optional.of(HostMetrics.Refusal.CONNECTIONS);
    }
    if (pendingInbound >= limits.pendingHandshakes()) {
      return Optional.of(HostMetrics.Refusal.PENDING_HANDSHAKES);
    }
    if (inboundPerHost.of(origin.host()) >= limits.perIp()) {
      return Optional.of(HostMetrics.Refusal.CONNECTIONS_PER_IP);
    }
    if (inboundPerSubnet.of(origin.subnet()) >= limits.perSubnet()) {
      return Optional.of(HostMetrics.Refusal.CONNECTIONS_PER_SUBNET);
    }
    if (pendingPerHost.of(origin.host()) >= limits.pendingHandshakesPerIp()) {
      return Optional.of(HostMetrics.Refusal.PENDING_HANDSHAKES_PER_IP);
    }
    return rates.take(origin.host(), nowNanos)
        ? Optional.empty()
        : Optional.of(HostMetrics.Refusal.CONNECTION_RATE_PER_IP);
  }

  synchronized Admission admitOutbound() {
    if (places >= limits.most()) {
      return new Admission.Refused(HostMetrics.Refusal.CONNECTIONS);
    }
    places++;
    return new Admission.Admitted(new Place(null));
  }

  /** Whether one more connection with {@code peer} is not one too many. */
  synchronized boolean hasRoomFor(PeerId peer) {
    return byPeer.getOrDefault(peer, List.of()).size() < limits.perPeer();
  }

  /** Adds a ready connection. Returns whether it is the first one to its peer. */
  synchronized boolean add(MuxedConnection connection) {
    List<MuxedConnection> all =
        byPeer.computeIfAbsent(connection.remotePeer(), p -> new ArrayList<>());
    all.add(connection);
    open++;
    // Stable: the older of equals stays first.
    all.sort(Comparator.comparing(MuxedConnection::isRelayed).thenComparing(this::dialler));
    return all.size() == 1;
  }

  private PeerId dialler(MuxedConnection connection) {
    return connection.initiator() ? self : connection.remotePeer();
  }

  /** Removes a closed connection. Returns whether it was the last one to its peer. */
  synchronized boolean remove(MuxedConnection connection) {
    List<MuxedConnection> all = byPeer.get(connection.remotePeer());
    if (all == null || !all.remove(connection)) {
      return false;
    }
    open--;
    if (all.isEmpty()) {
      byPeer.remove(connection.remotePeer());
      return true;
    }
    return false;
  }

  /** The connection for new streams. */
  synchronized Optional<MuxedConnection> best(PeerId peer) {
    return byPeer.getOrDefault(peer, List.of()).stream()
        .filter(MuxedConnection::takesStreams)
        .findFirst();
  }

  /** The connections to {@code peer} that new streams do not use. */
  synchronized List<MuxedConnection> surplus(PeerId peer) {
    return byPeer.getOrDefault(peer, List.of()).stream()
        .filter(MuxedConnection::takesStreams)
        .skip(1)
        .toList();
  }

  /** The connections to {@code peer} stay open for {@code reason}, however many there are. */
  synchronized void protect(PeerId peer, String reason) {
    protectedPeers.computeIfAbsent(peer, p -> new HashSet<>()).add(reason);
  }

  synchronized void unprotect(PeerId peer, String reason) {
    protectedPeers.computeIfPresent(
        peer, (p, reasons) -> reasons.remove(reason) && reasons.isEmpty() ? null : reasons);
  }

  /**
   * The connections to close because there are many: with more than the high mark, as many as are
   * beyond the low one, those idle for longest; never one that is in use or protected.
   */
  synchronized List<MuxedConnection> excess(long nowNanos) {
    if (open <= limits.high()) {
      return List.of();
    }
    long idleNanos = limits.idle().toNanos();
    return all().stream()
        .filter(connection -> connection.idleNanos(nowNanos) >= idleNanos)
        .filter(connection -> !protectedPeers.containsKey(connection.remotePeer()))
        .sorted(Comparator.comparingLong((MuxedConnection c) -> c.idleNanos(nowNanos)).reversed())
        .limit(open - limits.low())
        .toList();
  }

  /** One connection a peer. */
  synchronized List<MuxedConnection> bestOfEach() {
    List<MuxedConnection> out = new ArrayList<>();
    for (PeerId peer : byPeer.keySet()) {
      best(peer).ifPresent(out::add);
    }
    return out;
  }

  synchronized List<MuxedConnection> all() {
    return byPeer.values().stream().flatMap(List::stream).toList();
  }

  synchronized int places() {
    return places;
  }
}
