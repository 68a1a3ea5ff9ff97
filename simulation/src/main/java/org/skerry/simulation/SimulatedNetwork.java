package org.skerry.simulation;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.skerry.dht.wire.KadMessage;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

/**
 * Carries requests between peers. A request costs a round trip between two places on a map, the
 * first one to a peer two more for the handshakes; a lost message is sent again after a while, as
 * TCP would; a peer that is gone, or cannot be dialled, is silent, which costs the whole timeout.
 */
public final class SimulatedNetwork {
  /** Round trips: the nearest, and how much the longest way on the map adds. */
  private static final int NEAREST_MS = 10;

  private static final int MAP_MS = 200;
  private static final int SENDS = 4;
  private static final int RESEND_MS = 300;

  /** A peer that answers requests. */
  public interface Peer {
    PeerId id();

    /** Where it is reached, and what its IP group comes from. */
    Multiaddr address();

    /** Whether others can dial it. */
    boolean reachable();

    /** The answer to a request that has just arrived; empty when it is refused. */
    Optional<KadMessage> serve(PeerId from, KadMessage request);
  }

  /**
   * Where a peer is or was.
   *
   * @param addresses its only one; a list since that is what is asked for all the time
   */
  private record Site(List<Multiaddr> addresses, double x, double y) {}

  private final Simulation simulation;
  private final long timeoutMs;
  private final Map<PeerId, Peer> peers = new HashMap<>();
  private final Map<PeerId, Site> sites = new HashMap<>();
  private Predicate<PeerId> apart = peer -> false;
  private double loss;
  private long messages;
  private int given;

  /**
   * @param timeoutMs after which a request without an answer has failed
   */
  public SimulatedNetwork(Simulation simulation, long timeoutMs) {
    this.simulation = simulation;
    this.timeoutMs = timeoutMs;
  }

  public Simulation simulation() {
    return simulation;
  }

  /** Loses this share of all messages from now on. */
  public void lose(double share) {
    loss = share;
  }

  /** From now on nothing gets from peers that are {@code apart} to others, nor back. */
  public void part(Predicate<PeerId> apart) {
    this.apart = apart;
  }

  /** Requests and replies that were sent so far. */
  public long messages() {
    return messages;
  }

  /** A peer id that nobody has. */
  public PeerId newId() {
    byte[] digest = new byte[32];
    simulation.random().nextBytes(digest);
    return new PeerId(Multihash.ofSha256(digest));
  }

  /** A public address in an IP group of its own. */
  public Multiaddr newAddress() {
    int n = given++;
    // 11.0.0.0 upwards, a /16 each: groups are coarser than any single address.
    return Multiaddr.parse("/ip4/%d.%d.0.1/tcp/4001".formatted(11 + n / 256 % 110, n % 256));
  }

  public void add(Peer peer) {
    peers.put(peer.id(), peer);
    sites.put(
        peer.id(),
        new Site(
            List.of(peer.address()),
            simulation.random().nextDouble(),
            simulation.random().nextDouble()));
  }

  /** From now on it is silent, and its requests are not answered. */
  public void remove(PeerId peer) {
    peers.remove(peer);
  }

  public boolean isThere(PeerId peer) {
    return peers.containsKey(peer);
  }

  public @Nullable Peer peer(PeerId id) {
    return peers.get(id);
  }

  /** Where a peer is or was; empty for one that never was. */
  public List<Multiaddr> addresses(PeerId peer) {
    Site site = sites.get(peer);
    return site == null ? List.of() : site.addresses();
  }

  /**
   * Sends a request.
   *
   * @param connected whether there is a connection already
   * @param answered takes the answer, empty when the request was refused
   * @param silent called when nobody answered in time
   */
  public void exchange(
      PeerId from,
      PeerId to,
      boolean connected,
      KadMessage request,
      Consumer<Optional<KadMessage>> answered,
      Runnable silent) {
    Peer there = peers.get(to);
    boolean parted = apart.test(from) != apart.test(to);
    if (there == null || parted || !(connected || there.reachable())) {
      messages++;
      simulation.after(timeoutMs, silent);
      return;
    }
    long tripMs = halfTripMs(from, to);
    long before = connected ? 0 : 4 * tripMs;
    deliver(
        before + tripMs,
        SENDS,
        () -> {
          Peer now = peers.get(to);
          if (now == null) {
            simulation.after(timeoutMs, silent);
            return;
          }
          Optional<KadMessage> reply = now.serve(from, request);
          deliver(tripMs, SENDS, () -> answered.accept(reply), silent);
        },
        silent);
  }

  private void deliver(long tripMs, int sends, Runnable arrived, Runnable lost) {
    messages++;
    if (loss == 0 || simulation.random().nextDouble() >= loss) {
      simulation.after(tripMs, arrived);
    } else if (sends > 1) {
      simulation.after(RESEND_MS, () -> deliver(tripMs, sends - 1, arrived, lost));
    } else {
      simulation.after(timeoutMs, lost);
    }
  }

  private long halfTripMs(PeerId from, PeerId to) {
    Site a = Objects.requireNonNull(sites.get(from));
    Site b = Objects.requireNonNull(sites.get(to));
    double distance = Math.sqrt(square(a.x() - b.x()) + square(a.y() - b.y())) / Math.sqrt(2);
    double jitter = 1 + 0.2 * simulation.random().nextDouble();
    return Math.max(1, Math.round((NEAREST_MS + MAP_MS * distance) * jitter / 2));
  }

  private static double square(double x) {
    return x * x;
  }
}
