package org.skerry.libp2p.autonat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.MultiformatException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out, and keeps finding out, at which addresses others reach this host: those it listens on,
 * and what it listens on at the IP addresses that its peers see. Each is tried by servers of
 * several places; until enough of them have spoken a new one is asked as soon as it connects, then
 * one of them every few minutes.
 */
public final class ReachabilityMonitor implements Host.Listener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReachabilityMonitor.class);

  /** More candidates than this are not tried. */
  private static final int MAX_CANDIDATES = 6;

  private static final int MAX_OBSERVERS = 64;
  private static final Duration SOON = Duration.ofMillis(500);
  private static final Duration AGAIN = Duration.ofMinutes(5);
  private static final Duration ASK_TIME = Duration.ofSeconds(25);

  /**
   * What is known.
   *
   * @param overall REACHABLE when some address is; UNREACHABLE when none of those tried is
   * @param addresses those that are reachable
   * @param denied those that are not
   */
  public record State(Reachability overall, List<Multiaddr> addresses, List<Multiaddr> denied) {
    /** Before anybody was asked. */
    public static final State UNKNOWN = new State(Reachability.UNKNOWN, List.of(), List.of());

    public State {
      addresses = List.copyOf(addresses);
      denied = List.copyOf(denied);
    }
  }

  private final Host host;
  private final AutonatClient client;
  private final Predicate<Multiaddr> isOutside;
  private final Consumer<State> changed;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofVirtual().name("libp2p-reachability").factory());
  private final Set<PeerId> servers = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean isDue = new AtomicBoolean();

  /** IP addresses at which peers see this host, by the peer's own; guarded by itself. */
  private final Map<String, String> observed = new LinkedHashMap<>();

  /** Used by the timer only. */
  private final Map<Multiaddr, Votes> votes = new HashMap<>();

  private volatile List<Multiaddr> supposed = List.of();

  private volatile State state = State.UNKNOWN;

  /**
   * @param isOutside which addresses matter, this host's and servers'; in production {@link
   *     Multiaddr#isPublic}
   * @param changed is told of every new state, one after the other
   */
  public ReachabilityMonitor(
      Host host, AutonatClient client, Predicate<Multiaddr> isOutside, Consumer<State> changed) {
    this.host = host;
    this.client = client;
    this.isOutside = isOutside;
    this.changed = changed;
  }

  /** Begins; to be called once. */
  public void start() {
    host.addListener(this);
    timer.scheduleWithFixedDelay(
        () -> tryAsking(true), AGAIN.toMillis(), AGAIN.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Tries {@code addresses}, too, in place of those supposed before: ports that a router maps,
   * which nothing else tells of.
   */
  public void suppose(Collection<Multiaddr> addresses) {
    supposed = List.copyOf(addresses);
    askSoon();
  }

  /** What is known now. */
  public State state() {
    return state;
  }

  @Override
  public void identified(PeerId peer, List<String> protocols, List<Multiaddr> addresses) {
    if (protocols.contains(AutonatMessages.DIAL_REQUEST)
        || protocols.contains(AutonatMessages.V1)) {
      if (servers.add(peer)) {
        askSoon();
      }
    } else {
      servers.remove(peer);
    }
  }

  @Override
  public void disconnected(Connection connection) {
    servers.remove(connection.remotePeer());
  }

  @Override
  public void observed(PeerId by, Multiaddr address) {
    Optional<String> observer = place(by);
    Optional<String> seen = ipText(address);
    if (observer.isPresent() && seen.isPresent() && isOutside.test(address)) {
      synchronized (observed) {
        observed.remove(observer.get());
        observed.put(observer.get(), seen.get());
        if (observed.size() > MAX_OBSERVERS) {
          observed.remove(observed.keySet().iterator().next());
        }
      }
      askSoon();
    }
  }

  /** Where a connected peer outside is; those at one IP address count as one. */
  private Optional<String> place(PeerId peer) {
    return host.connections().stream()
        .filter(connection -> connection.remotePeer().equals(peer))
        .map(Connection::remoteAddress)
        .filter(at -> !at.isRelayed() && isOutside.test(at))
        .findFirst()
        .flatMap(ReachabilityMonitor::ipText);
  }

  private static Optional<String> ipText(Multiaddr address) {
    return address
        .value(Multiaddr.Protocol.IP4)
        .map(ip -> "/ip4/" + ip)
        .or(() -> address.value(Multiaddr.Protocol.IP6).map(ip -> "/ip6/" + ip));
  }

  private void askSoon() {
    if (!isDue.getAndSet(true)) {
      try {
        timer.schedule(
            () -> {
              isDue.set(false);
              tryAsking(false);
            },
            SOON.toMillis(),
            TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        isDue.set(false); // closed meanwhile
      }
    }
  }

  private void tryAsking(boolean again) {
    try {
      ask(again);
    } catch (RuntimeException e) {
      LOG.warn("whether others reach this host was not found out", e); // but may be the next time
    }
  }

  /**
   * Asks for each candidate those who may still change what is believed of it.
   *
   * @param again whether one of those that have spoken is to be asked again
   */
  private void ask(boolean again) {
    List<Multiaddr> candidates = candidates();
    votes.keySet().retainAll(candidates);
    Map<String, PeerId> byPlace = new HashMap<>();
    servers.forEach(server -> place(server).ifPresent(place -> byPlace.put(place, server)));
    for (Multiaddr candidate : candidates) {
      Votes heard = votes.computeIfAbsent(candidate, any -> new Votes());
      List<Map.Entry<String, PeerId>> left = new ArrayList<>(byPlace.entrySet());
      left.removeIf(server -> heard.has(server.getKey()) && !again);
      Collections.shuffle(left);
      boolean askAgain = again;
      for (Map.Entry<String, PeerId> server : left) {
        if (heard.outcome(byPlace.size()) != Reachability.UNKNOWN && !askAgain) {
          break;
        }
        askAgain &= !take(heard, server.getKey(), ask(server.getValue(), candidate));
      }
    }
    conclude(candidates, byPlace.size());
  }

  private Verdict ask(PeerId server, Multiaddr candidate) {
    return client.ask(server, List.of(candidate), ASK_TIME);
  }

  /** Whether the verdict says anything; one that contradicts what was believed begins anew. */
  private static boolean take(Votes heard, String place, Verdict verdict) {
    switch (verdict) {
      case Verdict.Reachable reachable -> heard.addAnew(place, Votes.Word.PROVEN);
      case Verdict.Claimed claimed -> heard.addAnew(place, Votes.Word.CLAIMED);
      case Verdict.Unreachable unreachable -> heard.addAnew(place, Votes.Word.FAILED);
      case Verdict.Undecided undecided -> {
        return false;
      }
    }
    return true;
  }

  private void conclude(List<Multiaddr> candidates, int places) {
    Map<Reachability, List<Multiaddr>> by = new HashMap<>();
    for (Multiaddr candidate : candidates) {
      Reachability outcome = votes.getOrDefault(candidate, new Votes()).outcome(places);
      by.computeIfAbsent(outcome, any -> new ArrayList<>()).add(candidate);
    }
    List<Multiaddr> reachable = by.getOrDefault(Reachability.REACHABLE, List.of());
    Reachability overall = Reachability.UNKNOWN;
    if (!reachable.isEmpty()) {
      overall = Reachability.REACHABLE;
    } else if (by.containsKey(Reachability.UNREACHABLE)
        && by.getOrDefault(Reachability.UNKNOWN, List.of()).stream().allMatch(this::isUntried)) {
      overall = Reachability.UNREACHABLE;
    }
    State now = new State(overall, reachable, by.getOrDefault(Reachability.UNREACHABLE, List.of()));
    if (!now.equals(state)) {
      state = now;
      changed.accept(now);
    }
  }

  /** No server has dialled it: none speaks its transport, perhaps. */
  private boolean isUntried(Multiaddr candidate) {
    return votes.getOrDefault(candidate, new Votes()).isEmpty();
  }

  /** What this host may be reached at. */
  private List<Multiaddr> candidates() {
    Set<Multiaddr> candidates = new LinkedHashSet<>(supposed);
    Set<String> ports = new LinkedHashSet<>(); // as an address names them, behind the IP address
    for (Multiaddr own : host.listenAddresses()) {
      if (own.isRelayed()) {
        continue;
      }
      if (isOutside.test(own)) {
        candidates.add(own);
      }
      if (own.isTcp()) {
        ports.add("/tcp/" + own.value(Multiaddr.Protocol.TCP).orElseThrow());
      } else if (own.isQuic()) {
        ports.add("/udp/" + own.value(Multiaddr.Protocol.UDP).orElseThrow() + "/quic-v1");
      }
    }
    for (String ip : agreed()) {
      ports.forEach(port -> parsed(ip + port).ifPresent(candidates::add));
    }
    return candidates.stream().limit(MAX_CANDIDATES).toList();
  }

  /** IP addresses that two peers of different places see, or the only one who looks. */
  private Set<String> agreed() {
    Map<String, Integer> counts = new LinkedHashMap<>();
    int observers;
    synchronized (observed) {
      observers = observed.size();
      observed.values().forEach(ip -> counts.merge(ip, 1, Integer::sum));
    }
    counts.values().removeIf(count -> count < Math.min(2, observers));
    return counts.keySet();
  }

  private static Optional<Multiaddr> parsed(String text) {
    try {
      return Optional.of(Multiaddr.parse(text));
    } catch (MultiformatException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
