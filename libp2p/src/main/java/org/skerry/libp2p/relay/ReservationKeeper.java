package org.skerry.libp2p.relay;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps places at relays for as long as this host wants to be reached through them: finds relays
 * among the peers that it is connected to, renews in time, and looks for another when one goes.
 */
public final class ReservationKeeper implements Host.Listener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReservationKeeper.class);
  private static final String PROTECTION = "relay";
  private static final Duration SOON = Duration.ofMillis(200);
  private static final Duration TICK = Duration.ofSeconds(5);
  private static final Duration ASK_TIME = Duration.ofSeconds(15);
  private static final long ASK_AGAIN_MS = Duration.ofMinutes(5).toMillis();
  private static final long SHORTEST_TERM_MS = Duration.ofMinutes(1).toMillis();
  private static final long LONGEST_TERM_MS = Duration.ofHours(1).toMillis();

  private final Host host;
  private final RelayClient client;
  private final Predicate<Multiaddr> isOutside;
  private final int wanted;
  private final InstantSource clock;
  private final Consumer<List<Multiaddr>> changed;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofVirtual().name("libp2p-reservations").factory());
  private final Set<PeerId> relays = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean isDue = new AtomicBoolean();
  private volatile boolean isWanted;

  // Used by the timer only.
  private final Map<PeerId, Held> held = new LinkedHashMap<>();
  private Set<PeerId> kept = Set.of();
  private final Map<PeerId, Long> askAgainMs = new HashMap<>();
  private List<Multiaddr> told = List.of();

  private record Held(List<Multiaddr> addresses, long renewMs) {}

  /**
   * Holds no place until {@link #want}.
   *
   * @param isOutside at which addresses a relay is of use; in production {@link Multiaddr#isPublic}
   * @param wanted at how many relays to have a place
   * @param changed hears at which addresses this host is reached through relays, without its id,
   *     whenever they change
   */
  public ReservationKeeper(
      Host host,
      RelayClient client,
      Predicate<Multiaddr> isOutside,
      int wanted,
      InstantSource clock,
      Consumer<List<Multiaddr>> changed) {
    this.host = host;
    this.client = client;
    this.isOutside = isOutside;
    this.wanted = wanted;
    this.clock = clock;
    this.changed = changed;
    host.addListener(this);
    timer.scheduleWithFixedDelay(
        this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Whether to hold places from now on; those that are held and not wanted run out. */
  public void want(boolean wanted) {
    isWanted = wanted;
    soon();
  }

  @Override
  public void identified(PeerId peer, List<String> protocols, List<Multiaddr> addresses) {
    if (!protocols.contains(RelayMessages.HOP)) {
      relays.remove(peer);
    } else if (relays.add(peer)) {
      soon();
    }
  }

  @Override
  public void disconnected(Connection connection) {
    relays.remove(connection.remotePeer());
    soon();
  }

  private void soon() {
    if (!isDue.getAndSet(true)) {
      try {
        timer.schedule(
            () -> {
              isDue.set(false);
              tick();
            },
            SOON.toMillis(),
            TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        isDue.set(false); // closed meanwhile
      }
    }
  }

  private void tick() {
    try {
      keep();
    } catch (RuntimeException e) {
      LOG.warn("places at relays were not looked after", e); // but may be the next time
    }
  }

  private void keep() {
    long now = clock.millis();
    held.keySet().retainAll(relays); // a connection that ended took its reservation with it
    askAgainMs.values().removeIf(at -> at <= now);
    if (isWanted) {
      List<PeerId> due = new ArrayList<>();
      held.forEach((relay, place) -> {
        if (place.renewMs() <= now) {
          due.add(relay);
        }
      });
      for (PeerId relay : due) {
        held.remove(relay);
        reserve(relay, now);
      }
      List<PeerId> others = new ArrayList<>(relays);
      others.removeIf(relay -> held.containsKey(relay) || askAgainMs.containsKey(relay));
      Collections.shuffle(others);
      for (PeerId relay : others) {
        if (held.size() < wanted && isDirect(relay)) {
          reserve(relay, now);
        }
      }
    } else {
      held.clear();
    }
    protectHeld();
    tell();
  }

  /** A relay forgets who has no connection to it. */
  private void protectHeld() {
    Set<PeerId> now = Set.copyOf(held.keySet());
    now.forEach(relay -> host.protect(relay, PROTECTION));
    kept.stream().filter(relay -> !now.contains(relay)).forEach(this::unprotect);
    kept = now;
  }

  private void unprotect(PeerId relay) {
    host.unprotect(relay, PROTECTION);
  }

  /** Whether it is connected without another relay, at an address that others can use. */
  private boolean isDirect(PeerId relay) {
    return host.connections().stream()
        .filter(connection -> connection.remotePeer().equals(relay))
        .map(Connection::remoteAddress)
        .anyMatch(at -> !at.isRelayed() && isOutside.test(at));
  }

  private void reserve(PeerId relay, long nowMs) {
    try {
      Reserved place = client.reserve(relay, isOutside, ASK_TIME);
      // Its clock may be wrong: then the place is renewed early, or once an hour.
      long termMs =
          Math.clamp(place.expires().toEpochMilli() - nowMs, SHORTEST_TERM_MS, LONGEST_TERM_MS);
      held.put(relay, new Held(place.addresses(), nowMs + termMs / 2));
    } catch (Libp2pException e) {
      LOG.debug("no place at relay {}: {}", relay.shortText(), e.getMessage());
      askAgainMs.put(relay, nowMs + ASK_AGAIN_MS);
    }
  }

  private void tell() {
    List<Multiaddr> now =
        held.values().stream().flatMap(place -> place.addresses().stream()).distinct().toList();
    if (!now.equals(told)) {
      told = now;
      changed.accept(now);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
