package org.skerry.libp2p.host;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.PeerId;

/**
 * The connections of a host, and the places that those to come have taken. Thread-safe.
 *
 * <p>Two peers that dial each other at once get two connections. Both stay usable; new streams go
 * to the one that the peer with the smaller id dialled, on either side, and the other closes once
 * it has been idle for a while. So does a relayed connection beside a direct one.
 */
final class ConnectionTable {
  private final PeerId self;
  private final HostLimits limits;
  private final Map<PeerId, List<MuxedConnection>> byPeer = new HashMap<>();
  private final Map<InetAddress, Integer> inboundPerHost = new HashMap<>();
  private int places;
  private final Map<InetAddress, Integer> pendingPerHost = new HashMap<>();
  private int pendingInbound;

  /** What came of asking for a place. */
  sealed interface Admission {
    record Admitted(Place place) implements Admission {}

    record Refused(HostMetrics.Refusal refusal) implements Admission {}
  }

  /** The room that one connection takes from its first packet to its last. */
  final class Place {
    private final @Nullable InetAddress inboundHost;
    private boolean pending;
    private boolean taken = true;

    private Place(@Nullable InetAddress inboundHost) {
      this.inboundHost = inboundHost;
      this.pending = inboundHost != null;
    }

    /** The handshake has ended, well or not. */
    void handshakeOver() {
      synchronized (ConnectionTable.this) {
        if (pending) {
          pending = false;
          pendingInbound--;
          takeOne(pendingPerHost);
        }
      }
    }

    void leave() {
      synchronized (ConnectionTable.this) {
        handshakeOver();
        if (taken) {
          taken = false;
          places--;
          takeOne(inboundPerHost);
        }
      }
    }

    private void takeOne(Map<InetAddress, Integer> counts) {
      if (inboundHost != null) {
        counts.computeIfPresent(inboundHost, (h, n) -> n == 1 ? null : n - 1);
      }
    }
  }

  ConnectionTable(PeerId self, HostLimits limits) {
    this.self = self;
    this.limits = limits;
  }

  synchronized Admission admitInbound(InetAddress host) {
    InetAddress network = network(host);
    if (places >= limits.maxConnections()) {
      return new Admission.Refused(HostMetrics.Refusal.CONNECTIONS);
    }
    if (pendingInbound >= limits.maxPendingHandshakes()) {
      return new Admission.Refused(HostMetrics.Refusal.PENDING_HANDSHAKES);
    }
    if (inboundPerHost.getOrDefault(network, 0) >= limits.maxConnectionsPerIp()) {
      return new Admission.Refused(HostMetrics.Refusal.CONNECTIONS_PER_IP);
    }
    if (pendingPerHost.getOrDefault(network, 0) >= limits.maxPendingHandshakesPerIp()) {
      return new Admission.Refused(HostMetrics.Refusal.PENDING_HANDSHAKES_PER_IP);
    }
    places++;
    pendingInbound++;
    pendingPerHost.merge(network, 1, Integer::sum);
    inboundPerHost.merge(network, 1, Integer::sum);
    return new Admission.Admitted(new Place(network));
  }

  synchronized Admission admitOutbound() {
    if (places >= limits.maxConnections()) {
      return new Admission.Refused(HostMetrics.Refusal.CONNECTIONS);
    }
    places++;
    return new Admission.Admitted(new Place(null));
  }

  /** An IPv6 user has a whole /64, so that is what is counted. */
  private static InetAddress network(InetAddress host) {
    if (!(host instanceof Inet6Address)) {
      return host;
    }
    byte[] bytes = host.getAddress();
    Arrays.fill(bytes, 8, 16, (byte) 0);
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of 16 bytes", e);
    }
  }

  /** Adds a ready connection. Returns whether it is the first one to its peer. */
  synchronized boolean add(MuxedConnection connection) {
    List<MuxedConnection> all =
        byPeer.computeIfAbsent(connection.remotePeer(), p -> new ArrayList<>());
    all.add(connection);
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
