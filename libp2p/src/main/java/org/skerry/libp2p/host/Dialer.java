package org.skerry.libp2p.host;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;

/**
 * Dials a peer at several addresses: one after the other, the next as soon as the last has failed
 * or has been silent for a moment. Names are looked up meanwhile, each on a thread of its own: a
 * look-up knows no time limit. The first connection wins and the rest are given up.
 */
final class Dialer {
  private static final long STAGGER_NANOS = 250_000_000L;

  private final Attempts attempts;
  private final PeerBook book;
  private final Resolver resolver;

  /** Finds the sockets of an address; blocks for a name. */
  interface Resolver {
    List<InetSocketAddress> resolve(Multiaddr address) throws Libp2pException;
  }

  Dialer(Attempts attempts, PeerBook book, Resolver resolver) {
    this.attempts = attempts;
    this.book = book;
    this.resolver = resolver;
  }

  /** What happens during a dial. */
  private sealed interface Event {
    record Resolved(List<Target> targets) implements Event {}

    record Unresolved(String why) implements Event {}

    record Ended(Target target, CompletableFuture<MuxedConnection> result) implements Event {}
  }

  MuxedConnection dial(PeerId peer, List<Multiaddr> addresses, Duration timeout)
      throws Libp2pException {
    List<Multiaddr> dialable = attempts.inOrder(addresses);
    if (dialable.isEmpty()) {
      throw new Libp2pException(
          Reason.UNREACHABLE, "no " + attempts.kinds() + " address is known for peer " + peer);
    }
    return new Dial(peer).run(dialable, timeout);
  }

  /** One dial, by the thread that waits for it. */
  private final class Dial {
    private final PeerId peer;
    private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final Deque<Target> waiting = new ArrayDeque<>();
    private final List<CompletableFuture<MuxedConnection>> started = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private Reason worst = Reason.UNREACHABLE;

    /** Look-ups and attempts whose end is still to come. */
    private int underWay;

    private Dial(PeerId peer) {
      this.peer = peer;
    }

    MuxedConnection run(List<Multiaddr> addresses, Duration timeout) throws Libp2pException {
      long deadline = System.nanoTime() + timeout.toNanos();
      underWay = addresses.size();
      addresses.forEach(address -> resolve(address, events));
      try {
        while (underWay > 0 || !waiting.isEmpty()) {
          long left = deadline - System.nanoTime();
          if (left <= 0) {
            throw new Libp2pException(
                Reason.TIMEOUT, "peer " + peer + " did not answer within " + timeout + detail());
          }
          Event event = next(left);
          if (event != null) {
            underWay--;
            Optional<MuxedConnection> connection = handle(event);
            if (connection.isPresent()) {
              return connection.get();
            }
          }
        }
        throw new Libp2pException(worst, "peer " + peer + " cannot be reached" + detail());
      } finally {
        started.forEach(result -> result.cancel(false));
      }
    }

    /** Waits for an event; dials the next address when there is none. */
    private @Nullable Event next(long left) throws Libp2pException {
      // What is known already comes first: the addresses without a name, in their order.
      Event known = events.poll();
      if (known != null) {
        return known;
      }
      if (!waiting.isEmpty()) {
        started.add(start(waiting.removeFirst(), Duration.ofNanos(left)));
        underWay++;
      }
      return poll(events, waiting.isEmpty() ? left : Math.min(left, STAGGER_NANOS));
    }

    private CompletableFuture<MuxedConnection> start(Target target, Duration timeout) {
      CompletableFuture<MuxedConnection> result = attempts.start(target, peer, timeout);
      result.whenComplete((connection, failure) -> events.add(new Event.Ended(target, result)));
      return result;
    }

    private Optional<MuxedConnection> handle(Event event) {
      switch (event) {
        case Event.Resolved(List<Target> targets) -> waiting.addAll(targets);
        case Event.Unresolved(String why) -> failures.add(why);
        case Event.Ended(Target target, CompletableFuture<MuxedConnection> result) -> {
          if (!result.isCompletedExceptionally()) {
            book.worked(peer, target.address());
            return Optional.of(result.join());
          }
          Libp2pException why = Attempts.cause(result.exceptionNow());
          worst = worse(worst, why.reason());
          failures.add(target.address() + ": " + why.getMessage());
          book.failed(peer, target.address());
        }
      }
      return Optional.empty();
    }

    private String detail() {
      return failures.isEmpty() ? "" : ": " + String.join("; ", failures);
    }
  }

  private void resolve(Multiaddr address, LinkedBlockingQueue<Event> events) {
    Runnable lookUp = () -> events.add(resolved(address));
    if (!address.isRelayed() && SocketAddresses.isName(address)) {
      Thread.ofVirtual().name("libp2p-resolve").start(lookUp);
    } else {
      lookUp.run();
    }
  }

  private Event resolved(Multiaddr address) {
    if (address.isRelayed()) {
      return new Event.Resolved(List.of(new Target(address, Optional.empty())));
    }
    try {
      return new Event.Resolved(
          resolver.resolve(address).stream()
              .map(socket -> new Target(address, Optional.of(socket)))
              .toList());
    } catch (Libp2pException | RuntimeException e) {
      return new Event.Unresolved(String.valueOf(e.getMessage()));
    }
  }

  private static @Nullable Event poll(LinkedBlockingQueue<Event> events, long nanos)
      throws Libp2pException {
    try {
      return events.poll(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Libp2pException(Reason.CLOSED, "interrupted while dialling", e);
    }
  }

  /** The failure that says most: that somebody else answered matters more than silence. */
  private static Reason worse(Reason one, Reason other) {
    List<Reason> order = List.of(Reason.UNREACHABLE, Reason.TIMEOUT, Reason.LIMIT_EXCEEDED);
    int a = order.indexOf(one);
    int b = order.indexOf(other);
    return a < 0 ? one : b < 0 || b > a ? other : one;
  }
}
