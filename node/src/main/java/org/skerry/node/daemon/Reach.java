package org.skerry.node.daemon;

import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.skerry.dht.Dht;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.autonat.AutonatClient;
import org.skerry.libp2p.autonat.AutonatServer;
import org.skerry.libp2p.autonat.Reachability;
import org.skerry.libp2p.autonat.ReachabilityMonitor;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.dcutr.DirectUpgrade;
import org.skerry.libp2p.dcutr.MappingBehaviour;
import org.skerry.libp2p.dcutr.MappingBehaviour.Sighting;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.libp2p.portmap.PortMapper;
import org.skerry.libp2p.portmap.PortMapping;
import org.skerry.libp2p.relay.RelayClient;
import org.skerry.libp2p.relay.RelayLimits;
import org.skerry.libp2p.relay.RelayServer;
import org.skerry.libp2p.relay.ReservationKeeper;
import org.skerry.node.control.ReachStatus;
import org.skerry.node.event.Event;
import org.skerry.node.event.EventSink;

/**
 * Whether others reach this node, and what follows. A router at home is asked to let them in. Where
 * they do it says so to all, and carries connections for those whom nobody reaches. Where they do
 * not, it has itself reached through relays, tries to get each such connection around its relay,
 * and uses the DHT as a client, since records that nobody can fetch help nobody. A node begins as a
 * server; in a network of one LAN nobody is asked, and it stays one.
 */
final class Reach implements AutoCloseable {
  /** All addresses are on this machine only. */
  static final String LOCAL = "local";

  /** At how many relays a node has itself reached; one may go at any time. */
  private static final int RELAYS = 2;

  private final TcpHost host;
  private final EventSink events;
  private final boolean mapPorts;
  private final ReachabilityMonitor monitor;
  private final DirectUpgrade upgrade;
  private final UdpProbe probe;
  private final Deque<AutoCloseable> toClose = new ArrayDeque<>();

  // Guarded by this.
  private ReachabilityMonitor.State state = ReachabilityMonitor.State.UNKNOWN;
  private List<Multiaddr> relayed = List.of();
  private @Nullable PortMapping mapping;
  private Event.Reach told = new Event.Reach("unknown", List.of());

  /**
   * Begins to ask, and to be asked.
   *
   * @param key of the host
   * @param isOutside which addresses matter; in production {@link Multiaddr#isPublic}
   * @param relay whether to carry connections for others
   * @param mapPorts whether to ask the router for ports, if this host listens at private addresses
   */
  Reach(
      TcpHost host,
      Dht dht,
      PrivateKey key,
      Predicate<Multiaddr> isOutside,
      boolean relay,
      boolean mapPorts,
      InstantSource clock,
      EventSink events)
      throws Libp2pException {
    this.host = host;
    this.events = events;
    this.mapPorts = mapPorts;
    toClose.push(new AutonatServer(host, isOutside, AutonatServer.Limits.DEFAULT, clock));
    AutonatClient client = new AutonatClient(host, isOutside);
    toClose.push(client);
    RelayClient relays = new RelayClient(host);
    toClose.push(relays);
    this.upgrade = new DirectUpgrade(host, isOutside, outcome -> {});
    toClose.push(upgrade);
    this.probe = new UdpProbe(host.config(), isOutside);
    if (host.listenAddresses().stream().anyMatch(Multiaddr::isQuic)) {
      host.addListener(probe);
    }
    ReservationKeeper keeper =
        new ReservationKeeper(host, relays, isOutside, RELAYS, clock, this::relayed);
    toClose.push(keeper);
    RelayServer server = new RelayServer(host, key, isOutside, RelayLimits.DEFAULT, clock);
    toClose.push(server);
    this.monitor =
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
    if (mapPorts) {
      PortMapper.start(host.listenAddresses(), clock, this::mapped)
          .ifPresent(mapper -> {
            toClose.push(mapper);
            asking();
          });
    }
  }

  private synchronized void asking() {
    if (mapping == null) {
      mapping = new PortMapping.Asking();
    }
  }

  private void mapped(PortMapping now) {
    monitor.suppose(addresses(now));
    synchronized (this) {
      mapping = now;
      tell();
    }
  }

  private static List<Multiaddr> addresses(@Nullable PortMapping mapping) {
    return mapping instanceof PortMapping.Mapped mapped ? mapped.addresses() : List.of();
  }

  private synchronized void reached(ReachabilityMonitor.State now) {
    state = now;
    tell();
  }

  private synchronized void relayed(List<Multiaddr> now) {
    relayed = now;
    tell();
  }

  /** A mapped port is believed until peers say that they do not get through. */
  private void tell() {
    Set<Multiaddr> all = new LinkedHashSet<>(state.addresses());
    addresses(mapping).stream().filter(at -> !state.denied().contains(at)).forEach(all::add);
    all.addAll(relayed);
    host.announce(all);
    Event.Reach now = new Event.Reach(word(), all.stream().map(Multiaddr::toString).toList());
    if (!now.equals(told)) {
      told = now;
      events.record(now);
    }
  }

  /** {@code reachable}, {@code relayed}, {@code unreachable} or {@code unknown}. */
  synchronized String word() {
    boolean byRelay = state.overall() == Reachability.UNREACHABLE && !relayed.isEmpty();
    return byRelay ? "relayed" : state.overall().name().toLowerCase(Locale.ROOT);
  }

  /** All that was seen. */
  ReachStatus status() {
    List<Sighting> tcp = new ArrayList<>();
    List<Sighting> udp = new ArrayList<>(probe.result().sightings());
    for (Sighting sighting : upgrade.sightings()) {
      (sighting.observed().isQuic() ? udp : tcp).add(sighting);
    }
    synchronized (this) {
      return new ReachStatus(
          state.overall().name().toLowerCase(Locale.ROOT),
          texts(state.addresses()),
          texts(state.denied()),
          texts(relayed),
          mappingWord(),
          switch (mapping) {
            case PortMapping.Mapped mapped -> mapped.router();
            case PortMapping.NotMapped not -> not.detail();
            case PortMapping.Asking asking -> "";
            case null -> "";
          },
          texts(addresses(mapping)),
          word(MappingBehaviour.of(tcp)),
          word(MappingBehaviour.of(udp)),
          texts(
              Stream.concat(tcp.stream(), udp.stream())
                  .map(Sighting::observed)
                  .distinct()
                  .toList()),
          udpWord(udp));
    }
  }

  private String mappingWord() {
    return switch (mapping) {
      case PortMapping.Mapped mapped -> "mapped";
      case PortMapping.NotMapped not -> word(not.reason());
      case PortMapping.Asking asking -> "asking";
      case null -> mapPorts ? "needless" : "off";
    };
  }

  private String udpWord(List<Sighting> udp) {
    UdpProbe.Result probed = probe.result();
    boolean reached = state.addresses().stream().anyMatch(Multiaddr::isQuic);
    if (host.listenAddresses().stream().noneMatch(Multiaddr::isQuic)) {
      return "off";
    }
    if (probed.answered() > 0 || reached || !udp.isEmpty()) {
      return "yes";
    }
    return probed.asked() > 0 ? "no" : "unknown";
  }

  private static List<String> texts(List<Multiaddr> addresses) {
    return addresses.stream().map(Multiaddr::toString).toList();
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public void close() {
    Closing.all(toClose);
  }
}
