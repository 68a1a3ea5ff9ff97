package org.skerry.libp2p.portmap;

import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.portmap.PortMapping.Reason;
import org.skerry.libp2p.portmap.RouterException.Kind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps ports mapped: finds a router, renews at half of each lease, maps anew when the router has
 * forgotten or has another address, and gives back in the end. Has no thread and no timer: whoever
 * drives it calls {@link #run} when that says. Used by one thread at a time.
 *
 * <pre>
 * searching --a router maps some port--> kept
 * searching --none does--> searching, ten minutes later
 * kept --looked at each minute, renewed--> kept
 * kept --silent, or maps nothing any more--> searching; what is leased counts until it ends
 * </pre>
 */
final class Upkeep {
  static final Duration LIFETIME = Duration.ofHours(1);
  static final Duration LOOK_AGAIN = Duration.ofMinutes(1);
  static final Duration SEARCH_AGAIN = Duration.ofMinutes(10);

  private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);

  /** A router that grants less, or more, is asked as if it had granted this. */
  private static final long SHORTEST_LEASE_SECONDS = 120;

  private final List<Port> ports;
  private final List<RouterSearch> searches;
  private final Predicate<Multiaddr> isOutside;
  private final InstantSource clock;
  private final Consumer<PortMapping> changed;

  private record Held(Lease lease, long renewMs, long endsMs) {}

  private final Map<Port, Held> held = new LinkedHashMap<>();
  private @Nullable Router router;
  private @Nullable InetAddress external;
  private PortMapping told = new PortMapping.Asking();

  /**
   * @param searches are tried in this order until a router maps something
   * @param isOutside which external addresses are believed; in production {@link
   *     Multiaddr#isPublic}
   * @param changed is told of every new outcome
   */
  Upkeep(
      List<Port> ports,
      List<RouterSearch> searches,
      Predicate<Multiaddr> isOutside,
      InstantSource clock,
      Consumer<PortMapping> changed) {
    this.ports = List.copyOf(ports);
    this.searches = List.copyOf(searches);
    this.isOutside = isOutside;
    this.clock = clock;
    this.changed = changed;
  }

  /** Does what is due; when to call again. */
  Duration run() {
    Router before = router;
    if (before != null) {
      Optional<PortMapping.NotMapped> trouble = keep(before);
      if (trouble.isEmpty()) {
        return LOOK_AGAIN;
      }
      drop();
    }
    List<PortMapping.NotMapped> troubles = new ArrayList<>();
    for (RouterSearch search : searches) {
      if (router == null) {
        troubles.addAll(tryAll(search.find()));
      }
    }
    if (router != null) {
      return LOOK_AGAIN;
    }
    held.values().removeIf(lease -> lease.endsMs() <= clock.millis());
    if (held.isEmpty()) {
      tell(
          troubles.stream()
              .filter(trouble -> trouble.reason() != Reason.NO_ROUTER)
              .max(Comparator.comparing(PortMapping.NotMapped::reason))
              .orElseGet(() ->
                  new PortMapping.NotMapped(
                      Reason.NO_ROUTER, "no router answers to NAT-PMP or UPnP")));
      return SEARCH_AGAIN;
    }
    return LOOK_AGAIN;
  }

  /** Keeps the first of {@code found} that maps something; why the others before it do not. */
  private List<PortMapping.NotMapped> tryAll(List<Router> found) {
    List<PortMapping.NotMapped> troubles = new ArrayList<>();
    for (Router candidate : found) {
      if (router == null) {
        Optional<PortMapping.NotMapped> trouble = keep(candidate);
        trouble.ifPresent(troubles::add);
        if (trouble.isEmpty()) {
          router = candidate;
        }
      }
      if (router != candidate) {
        candidate.close();
      }
    }
    return troubles;
  }

  /** What {@code router} granted before it was dropped is asked for again. */
  private void drop() {
    if (router != null) {
      router.close();
      router = null;
      external = null;
    }
  }

  /** Looks at {@code asked} and has it do what is due; why it maps nothing, if that is so. */
  private Optional<PortMapping.NotMapped> keep(Router asked) {
    try {
      Router.Look look =
          asked.look(
              asked == router ? held.values().stream().map(Held::lease).toList() : List.of());
      Optional<String> useless = uselessness(look.external());
      if (useless.isPresent()) {
        return Optional.of(
            new PortMapping.NotMapped(
                Reason.BEHIND_ANOTHER_NAT, asked.name() + ": " + useless.get()));
      }
      boolean anew = look.forgot() || !look.external().equals(external);
      mapDue(asked, anew);
      external = look.external();
      tell(new PortMapping.Mapped(asked.name(), addresses(look.external())));
      return Optional.empty();
    } catch (RouterException e) {
      LOG.debug("{}: {}", asked.name(), e.what());
      return Optional.of(
          new PortMapping.NotMapped(
              e.kind() == Kind.SILENT ? Reason.NO_ROUTER : Reason.REFUSED,
              asked.name() + ": " + e.what()));
    }
  }

  /** Why nobody gets through to that address; nothing when somebody may. */
  private Optional<String> uselessness(InetAddress address) {
    if (isOutside.test(Multiaddr.tcp(address, 1))) {
      return Optional.empty();
    }
    return Optional.of(
        address.isAnyLocalAddress()
            ? "the router has no public address itself: it is not connected, or behind another NAT"
                + " (carrier-grade, or a second router)"
            : "your router itself is behind another NAT (carrier-grade, or a second router):"
                + " outside it is "
                + address.getHostAddress());
  }

  /**
   * @throws RouterException the last one, when no port is mapped in the end
   */
  private void mapDue(Router asked, boolean anew) throws RouterException {
    Map<Port, Held> mapped = new LinkedHashMap<>();
    RouterException last = null;
    for (Port port : ports) {
      Held before = held.get(port);
      try {
        mapped.put(
            port,
            before == null || anew || before.renewMs() <= clock.millis()
                ? map(asked, port, before == null ? port.number() : before.lease().externalPort())
                : before);
      } catch (RouterException e) {
        LOG.debug("{} does not map {}: {}", asked.name(), port, e.what());
        last = e;
      }
    }
    if (mapped.isEmpty() && last != null) {
      throw last;
    }
    held.clear();
    held.putAll(mapped);
  }

  private Held map(Router asked, Port port, int wished) throws RouterException {
    Lease lease = asked.map(port, wished, LIFETIME);
    long now = clock.millis();
    long usualSeconds = LIFETIME.toSeconds();
    long seconds =
        lease.seconds() == 0
            ? usualSeconds
            : Math.clamp(lease.seconds(), SHORTEST_LEASE_SECONDS, usualSeconds);
    return new Held(lease, now + seconds * 500, now + seconds * 1000);
  }

  private List<Multiaddr> addresses(InetAddress at) {
    return held.values().stream()
        .map(Held::lease)
        .map(lease ->
            switch (lease.port().kind()) {
              case TCP -> Multiaddr.tcp(at, lease.externalPort());
              case UDP -> Multiaddr.quic(at, lease.externalPort());
            })
        .toList();
  }

  private void tell(PortMapping now) {
    if (!now.equals(told)) {
      told = now;
      changed.accept(now);
    }
  }

  /** Gives back what is mapped, as far as the router lets it. */
  void end() {
    Router last = router;
    if (last != null) {
      for (Held each : held.values()) {
        try {
          last.unmap(each.lease());
        } catch (RouterException e) {
          LOG.debug("{} keeps {} until its lease ends: {}", last.name(), each.lease(), e.what());
        }
      }
      held.clear();
      drop();
    }
  }
}
