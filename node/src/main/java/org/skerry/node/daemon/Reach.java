package org.skerry.node.daemon;

import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.skerry.dht.Dht;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.autonat.AutonatClient;
import org.skerry.libp2p.autonat.AutonatServer;
import org.skerry.libp2p.autonat.Reachability;
import org.skerry.libp2p.autonat.ReachabilityMonitor;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.dcutr.DirectUpgrade;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.libp2p.relay.RelayClient;
import org.skerry.libp2p.relay.RelayLimits;
import org.skerry.libp2p.relay.RelayServer;
import org.skerry.libp2p.relay.ReservationKeeper;
import org.skerry.node.event.Event;
import org.skerry.node.event.EventSink;

/**
 * Whether others reach this node, and what follows. Where they do it says so to all, and carries
 * connections for those whom nobody reaches. Where they do not, it has itself reached through
 * relays, tries to get each such connection around its relay, and uses the DHT as a client, since
 * records that nobody can fetch help nobody. A node begins as a server; in a network of one LAN
 * nobody is asked, and it stays one.
 */
final class Reach implements AutoCloseable {
  /** All addresses are on this machine only. */
  static final String LOCAL = "local";

  /** At how many relays a node has itself reached; one may go at any time. */
  private static final int RELAYS = 2;

  private final TcpHost host;
  private final EventSink events;
  private final Deque<AutoCloseable> toClose = new ArrayDeque<>();

  // Guarded by this.
  private ReachabilityMonitor.State state =
      new ReachabilityMonitor.State(Reachability.UNKNOWN, List.of());
  private List<Multiaddr> relayed = List.of();

  /**
   * Begins to ask, and to be asked.
   *
   * @param key of the host
   * @param isOutside which addresses matter; in production {@link Multiaddr#isPublic}
   * @param relay whether to carry connections for others
   */
  Reach(
      TcpHost host,
      Dht dht,
      PrivateKey key,
      Predicate<Multiaddr> isOutside,
      boolean relay,
      InstantSource clock,
      EventSink events)
      throws Libp2pException {
    this.host = host;
    this.events = events;
    toClose.push(new AutonatServer(host, isOutside, AutonatServer.Limits.DEFAULT, clock));
    AutonatClient client = new AutonatClient(host, isOutside);
    toClose.push(client);
    RelayClient relays = new RelayClient(host);
    toClose.push(relays);
    toClose.push(new DirectUpgrade(host, isOutside, outcome -> {}));
    ReservationKeeper keeper =
        new ReservationKeeper(host, relays, isOutside, RELAYS, clock, this::relayed);
    toClose.push(keeper);
    RelayServer server = new RelayServer(host, key, isOutside, RelayLimits.DEFAULT, clock);
    toClose.push(server);
    ReachabilityMonitor monitor =
        new ReachabilityMonitor(
            host,
            client,
            isOutside,
            now -> {
              dht.serve(now.overall() != Reachability.UNREACHABLE);
              keeper.want(now.overall() == Reachability.UNREACHABLE);
              if (relay && now.overall() == Reachability.REACHABLE) {
                server.open();
              } else {
                server.close();
              }
              reached(now);
            });
    toClose.push(monitor);
    monitor.start();
  }

  private synchronized void reached(ReachabilityMonitor.State now) {
    state = now;
    tell();
  }

  private synchronized void relayed(List<Multiaddr> now) {
    relayed = now;
    tell();
  }

  private void tell() {
    List<Multiaddr> all = new ArrayList<>(state.addresses());
    all.addAll(relayed);
    host.announce(all);
    events.record(new Event.Reach(word(), all.stream().map(Multiaddr::toString).toList()));
  }

  /** {@code reachable}, {@code relayed}, {@code unreachable} or {@code unknown}. */
  synchronized String word() {
    boolean byRelay = state.overall() == Reachability.UNREACHABLE && !relayed.isEmpty();
    return byRelay ? "relayed" : state.overall().name().toLowerCase(Locale.ROOT);
  }

  @Override
  public void close() {
    Closing.all(toClose);
  }
}
