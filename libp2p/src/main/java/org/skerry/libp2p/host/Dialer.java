package org.skerry.libp2p.host;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ConnectTimeoutException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
@SuppressWarnings("FutureReturnValueIgnored") // the channel itself tells of its failures
final class Dialer {
  private static final long STAGGER_NANOS = 250_000_000L;

  private final TcpTransport tcp;
  private final Optional<QuicTransport> quic;
  private final ConnectionTable table;
  private final PeerBook book;
  private final HostContext host;
  private final Resolver resolver;

  /** Finds the sockets of an address; blocks for a name. */
  interface Resolver {
    List<InetSocketAddress> resolve(Multiaddr address) throws Libp2pException;
  }

  Dialer(
      TcpTransport tcp,
      Optional<QuicTransport> quic,
      ConnectionTable table,
      PeerBook book,
      HostContext host,
      Resolver resolver) {
    this.tcp = tcp;
    this.quic = quic;
    this.table = table;
    this.book = book;
    this.host = host;
    this.resolver = resolver;
  }

  private record Target(Multiaddr address, InetSocketAddress socket) {}

  /** What happens during a dial. */
  private sealed interface Event {
    record Resolved(List<Target> targets) implements Event {}

    record Unresolved(String why) implements Event {}

    record Ended(Target target, CompletableFuture<MuxedConnection> result) implements Event {}
  }

  MuxedConnection dial(PeerId peer, List<Multiaddr> addresses, Duration timeout)
      throws Libp2pException {
    // TCP first, which moves bytes for less; streams over QUIC are for where it does not come
    // through.
    List<Multiaddr> dialable =
        Stream.concat(
                addresses.stream().filter(Multiaddr::isTcp),
                addresses.stream().filter(address -> quic.isPresent() && address.isQuic()))
            .toList();
    if (dialable.isEmpty()) {
      throw new Libp2pException(
          Reason.UNREACHABLE,
          "no "
              + (quic.isPresent() ? "TCP or QUIC" : "TCP")
              + " address is known for peer "
              + peer);
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
        started.add(start(waiting.removeFirst(), peer, Duration.ofNanos(left), events));
        underWay++;
      }
      return poll(events, waiting.isEmpty() ? left : Math.min(left, STAGGER_NANOS));
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
          Libp2pException why = cause(result.exceptionNow());
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
    if (SocketAddresses.isName(address)) {
      Thread.ofVirtual().name("libp2p-resolve").start(lookUp);
    } else {
      lookUp.run();
    }
  }

  private Event resolved(Multiaddr address) {
    try {
      return new Event.Resolved(
          resolver.resolve(address).stream().map(socket -> new Target(address, socket)).toList());
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

  private CompletableFuture<MuxedConnection> start(
      Target target, PeerId peer, Duration timeout, LinkedBlockingQueue<Event> events) {
    CompletableFuture<MuxedConnection> result = new CompletableFuture<>();
    result.whenComplete((connection, failure) -> events.add(new Event.Ended(target, result)));
    switch (table.admitOutbound()) {
      case ConnectionTable.Admission.Refused(HostMetrics.Refusal refusal) -> {
        host.metrics().refused(refusal);
        result.completeExceptionally(
            new Libp2pException(
                Reason.LIMIT_EXCEEDED,
                "this host has its " + host.limits().maxConnections() + " connections"));
      }
      case ConnectionTable.Admission.Admitted(ConnectionTable.Place place) -> {
        if (target.address().isQuic()) {
          startQuic(target, peer, place, result);
        } else {
          startTcp(target, peer, timeout, place, result);
        }
      }
    }
    return result;
  }

  private void startTcp(
      Target target,
      PeerId peer,
      Duration timeout,
      ConnectionTable.Place place,
      CompletableFuture<MuxedConnection> result) {
    ChannelFuture connecting =
        tcp.connect(target.socket(), timeout, channel -> upgrade(channel, peer, result));
    connecting.channel().closeFuture().addListener(closed -> place.leave());
    connecting.addListener(done -> {
      if (!done.isSuccess()) {
        result.completeExceptionally(connectFailure(done.cause()));
      }
    });
    result.whenComplete((connection, failure) -> {
      if (failure != null) {
        connecting.cancel(false);
        connecting.channel().close();
      }
    });
  }

  private void startQuic(
      Target target,
      PeerId peer,
      ConnectionTable.Place place,
      CompletableFuture<MuxedConnection> result) {
    QuicUpgrade upgrade = new QuicUpgrade(target.socket(), Optional.of(peer), host);
    upgrade.closed().whenComplete((closed, none) -> place.leave());
    handOver(upgrade.result(), result);
    result.whenComplete((connection, failure) -> {
      if (failure != null) {
        upgrade.giveUp();
      }
    });
    try {
      quic.orElseThrow().dial(target.socket(), upgrade);
    } catch (Libp2pException | RejectedExecutionException e) {
      place.leave();
      result.completeExceptionally(e);
    }
  }

  private void upgrade(Channel channel, PeerId peer, CompletableFuture<MuxedConnection> result) {
    if (result.isDone()) {
      channel.close();
      return;
    }
    handOver(new ConnectionUpgrade(channel, true, Optional.of(peer), host).start(), result);
  }

  private static void handOver(
      CompletableFuture<MuxedConnection> upgrade, CompletableFuture<MuxedConnection> result) {
    upgrade.whenComplete((connection, failure) -> {
      if (failure != null) {
        result.completeExceptionally(failure);
      } else if (!result.complete(connection)) {
        connection.close(); // another address was faster
      }
    });
  }

  private static Libp2pException connectFailure(Throwable cause) {
    boolean refused = cause instanceof ConnectException && !isTimeout(cause);
    return new Libp2pException(
        isTimeout(cause) ? Reason.TIMEOUT : Reason.UNREACHABLE,
        refused ? "connection refused" : String.valueOf(cause.getMessage()),
        cause);
  }

  private static boolean isTimeout(Throwable cause) {
    return cause instanceof ConnectTimeoutException;
  }

  private static Libp2pException cause(Throwable failure) {
    Throwable inner =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return inner instanceof Libp2pException e
        ? e
        : new Libp2pException(Reason.UNREACHABLE, String.valueOf(inner.getMessage()), inner);
  }
}
