package org.skerry.libp2p.portmap;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.skerry.libp2p.Multiaddr;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the router of a home let connections in to this host, by NAT-PMP or else by UPnP, over TCP
 * and QUIC; keeps that so, and gives it back in the end. One virtual thread, which sleeps between
 * looks at the router.
 */
public final class PortMapper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PortMapper.class);
  private static final Duration END_LIMIT = Duration.ofSeconds(10);

  private final Upkeep upkeep;
  private final Thread thread;
  private volatile PortMapping mapping = new PortMapping.Asking();

  private PortMapper(List<Port> ports, InstantSource clock, Consumer<PortMapping> changed) {
    RouterSearch natPmp = () -> natPmp(clock);
    RouterSearch upnp = () -> new UpnpSearch(UpnpSearch.Place.usual(DefaultGateway.find())).find();
    this.upkeep =
        new Upkeep(
            ports,
            List.of(natPmp, upnp),
            Multiaddr::isPublic,
            clock,
            now -> {
              mapping = now;
              changed.accept(now);
            });
    this.thread = Thread.ofVirtual().name("libp2p-portmap").unstarted(this::run);
  }

  /** The gateway, which may be another one each time, and may not answer. */
  private static List<Router> natPmp(InstantSource clock) {
    return DefaultGateway.find().stream()
        .map(at -> new InetSocketAddress(at, NatPmpPackets.PORT))
        .<Router>map(at -> new NatPmpRouter(at, clock))
        .toList();
  }

  /**
   * Begins to ask, where that can help.
   *
   * @param listening the host's own addresses
   * @param changed is told of every new outcome, one after the other
   * @return nothing when {@code listening} has no private IPv4 address, or has a public one, too
   */
  public static Optional<PortMapper> start(
      List<Multiaddr> listening, InstantSource clock, Consumer<PortMapping> changed) {
    List<Port> ports = ports(listening);
    if (ports.isEmpty()) {
      return Optional.empty();
    }
    PortMapper mapper = new PortMapper(ports, clock, changed);
    mapper.thread.start();
    return Optional.of(mapper);
  }

  /** The ports that others could come to if a router let them. */
  static List<Port> ports(List<Multiaddr> listening) {
    List<Multiaddr> four =
        listening.stream()
            .filter(address -> address.isTcp() || address.isQuic())
            .filter(address -> address.value(Multiaddr.Protocol.IP4).isPresent())
            .toList();
    if (four.stream().anyMatch(Multiaddr::isPublic)) {
      return List.of();
    }
    return four.stream()
        .filter(address -> isPrivate(address.value(Multiaddr.Protocol.IP4).orElseThrow()))
        .flatMap(PortMapper::port)
        .distinct()
        .toList();
  }

  private static boolean isPrivate(String ip) {
    return InetAddress.ofLiteral(ip).isSiteLocalAddress();
  }

  private static Stream<Port> port(Multiaddr address) {
    Port.Kind kind = address.isTcp() ? Port.Kind.TCP : Port.Kind.UDP;
    return address
        .value(address.isTcp() ? Multiaddr.Protocol.TCP : Multiaddr.Protocol.UDP)
        .map(Integer::parseInt)
        .filter(number -> number > 0)
        .map(number -> new Port(kind, number))
        .stream();
  }

  /** What has come of it. */
  public PortMapping mapping() {
    return mapping;
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(runOnce());
      }
    } catch (InterruptedException e) {
      LOG.debug("no ports are mapped any more");
    }
  }

  private Duration runOnce() {
    try {
      return upkeep.run();
    } catch (RuntimeException e) {
      LOG.warn("asking for mapped ports failed", e); // but may work the next time
      return Upkeep.SEARCH_AGAIN;
    }
  }

  /** Deletes what was mapped, as far as the router answers within seconds. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      if (thread.join(END_LIMIT)) {
        upkeep.end();
      } else {
        LOG.debug("the router is still being asked: mappings stay until their leases end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
