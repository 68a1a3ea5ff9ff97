package org.skerry.libp2p.host;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ConnectTimeoutException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;

/** Makes a connection over one address, of whatever kind. Thread-safe. */
@SuppressWarnings("FutureReturnValueIgnored") // the channel itself tells of its failures
final class Attempts {
  private static final long PUNCH_AGAIN_NANOS = 250_000_000L;

  /** DCUtR's. */
  private static final long LEAST_KNOCK_NANOS = 10_000_000L;

  private static final long MOST_KNOCK_NANOS = 200_000_000L;

  private final TcpTransport tcp;
  private final Optional<QuicTransport> quic;
  private final Tunnel tunnel;
  private final ConnectionTable table;
  private final HostContext host;

  Attempts(
      TcpTransport tcp,
      Optional<QuicTransport> quic,
      Tunnel tunnel,
      ConnectionTable table,
      HostContext host) {
    this.tcp = tcp;
    this.quic = quic;
    this.tunnel = tunnel;
    this.table = table;
    this.host = host;
  }

  /**
   * Those that can be dialled here, in the order in which to try them: TCP, which moves bytes for
   * less; QUIC, for where that does not come through; relays, for where nothing else does.
   */
  List<Multiaddr> inOrder(List<Multiaddr> addresses) {
    List<Multiaddr> out = new ArrayList<>();
    addresses.stream().filter(Multiaddr::isTcp).forEach(out::add);
    if (quic.isPresent()) {
      addresses.stream().filter(Multiaddr::isQuic).forEach(out::add);
    }
    addresses.stream().filter(Multiaddr::isRelayed).forEach(out::add);
    return out;
  }

  /** What can be dialled here, for messages. */
  String kinds() {
    return quic.isPresent() ? "TCP, QUIC or relayed" : "TCP or relayed";
  }

  /** Begins; who cancels what is returned gives up, and everything is closed. */
  CompletableFuture<MuxedConnection> start(Target target, PeerId peer, Duration timeout) {
    CompletableFuture<MuxedConnection> result = new CompletableFuture<>();
    Optional<Libp2pException> blocked = blocked(peer, target.socket());
    if (blocked.isPresent()) {
      result.completeExceptionally(blocked.get());
      return result;
    }
    if (target.socket().isEmpty()) {
      admit(result)
          .ifPresent(place ->
              Thread.ofVirtual()
                  .name("libp2p-tunnel")
                  .start(() -> tunnel(target.address(), peer, timeout, place, result)));
    } else if (target.address().isQuic()) {
      admit(result).ifPresent(place -> quic(target.socket().get(), peer, place, result));
    } else {
      tcp(target.socket().get(), peer, timeout, result);
    }
    return result;
  }

  /** Why the block list does not let {@code peer} be dialled there; nothing when it does. */
  private Optional<Libp2pException> blocked(PeerId peer, Optional<InetSocketAddress> socket) {
    return host.gate()
        .refusal(peer)
        .or(() -> socket.flatMap(host.gate()::refusal))
        .map(why -> new Libp2pException(Reason.BLOCKED, why));
  }

  /** A place for one more connection; {@code result} fails where there is none. */
  private Optional<ConnectionTable.Place> admit(CompletableFuture<MuxedConnection> result) {
    return switch (table.admitOutbound()) {
      case ConnectionTable.Admission.Refused(HostMetrics.Refusal refusal) -> {
        host.metrics().refused(refusal);
        result.completeExceptionally(
            new Libp2pException(
                Reason.LIMIT_EXCEEDED,
                "this host has its " + host.limits().connections().most() + " connections"));
        yield Optional.empty();
      }
      case ConnectionTable.Admission.Admitted(ConnectionTable.Place place) -> Optional.of(place);
    };
  }

  // TCP.

  /** From the port that is listened on where that matters, or else from any. */
  private void tcp(
      InetSocketAddress socket,
      PeerId peer,
      Duration timeout,
      CompletableFuture<MuxedConnection> result) {
    Optional<InetSocketAddress> from = tcp.listeningFor(socket);
    if (from.isEmpty()) {
      connect(socket, from, peer, true, timeout, result);
      return;
    }
    CompletableFuture<MuxedConnection> first = new CompletableFuture<>();
    first.whenComplete((connection, failure) -> {
      if (failure != null && mayBeForThePort(cause(failure)) && !result.isDone()) {
        connect(socket, Optional.empty(), peer, true, timeout, result);
      } else {
        handOver(connection, failure, result);
      }
    });
    result.whenComplete((connection, failure) -> first.cancel(false));
    connect(socket, from, peer, true, timeout, first);
  }

  /**
   * Whether a dial from another port may succeed: the two ports may have been connected a moment
   * ago, or the other side dialled from its port to this one at the same time, and both find that
   * they begin.
   */
  private static boolean mayBeForThePort(Libp2pException failure) {
    return failure.reason() == Reason.HANDSHAKE_FAILED || failure.reason() == Reason.ADDRESS_IN_USE;
  }

  /**
   * Connects with a peer that does the same at the same time, so that the routers on both sides let
   * the other's packets in: from the port that is listened on, over one address.
   *
   * @param initiator whether this side begins what follows
   */
  MuxedConnection punch(PeerId peer, Multiaddr address, boolean initiator, Duration timeout)
      throws Libp2pException {
    InetSocketAddress socket = SocketAddresses.literal(address);
    Optional<Libp2pException> blocked = blocked(peer, Optional.of(socket));
    if (blocked.isPresent()) {
      throw blocked.get();
    }
    long deadline = System.nanoTime() + timeout.toNanos();
    if (address.isTcp()) {
      return punchTcp(peer, address, socket, initiator, deadline);
    }
    if (!initiator) {
      return knock(peer, address, socket, deadline);
    }
    CompletableFuture<MuxedConnection> result =
        start(new Target(address, Optional.of(socket)), peer, timeout);
    try {
      return await(result, address, deadline);
    } finally {
      result.cancel(false);
    }
  }

  /**
   * Both sides dial, again and again while it is refused, and the two dials are one connection:
   * which side begins is therefore said, not seen.
   */
  private MuxedConnection punchTcp(
      PeerId peer, Multiaddr address, InetSocketAddress socket, boolean initiator, long deadline)
      throws Libp2pException {
    Optional<InetSocketAddress> from = tcp.listeningFor(socket);
    if (from.isEmpty()) {
      throw new Libp2pException(Reason.UNREACHABLE, "no port is listened on for " + address);
    }
    while (true) {
      CompletableFuture<MuxedConnection> result = new CompletableFuture<>();
      connect(socket, from, peer, initiator, Deadline.left(deadline), result);
      try {
        return await(result, address, deadline);
      } catch (Libp2pException e) {
        if (e.reason() != Reason.UNREACHABLE || deadline - System.nanoTime() < PUNCH_AGAIN_NANOS) {
          throw e;
        }
        pause(PUNCH_AGAIN_NANOS);
      } finally {
        result.cancel(false);
      }
    }
  }

  /** One side dials, and this one sends what opens its router for that. */
  private MuxedConnection knock(
      PeerId peer, Multiaddr address, InetSocketAddress socket, long deadline)
      throws Libp2pException {
    while (quic.isPresent() && quic.get().knock(socket)) {
      pause(ThreadLocalRandom.current().nextLong(LEAST_KNOCK_NANOS, MOST_KNOCK_NANOS));
      Optional<MuxedConnection> direct = table.best(peer).filter(c -> !c.isRelayed());
      if (direct.isPresent()) {
        return direct.get();
      }
      if (deadline - System.nanoTime() < 0) {
        throw new Libp2pException(Reason.TIMEOUT, address + " did not dial");
      }
    }
    throw new Libp2pException(Reason.UNREACHABLE, "no port is listened on for " + address);
  }

  private static MuxedConnection await(
      CompletableFuture<MuxedConnection> result, Multiaddr address, long deadline)
      throws Libp2pException {
    try {
      return result.get(Deadline.left(deadline).toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw cause(e);
    } catch (TimeoutException e) {
      throw new Libp2pException(Reason.TIMEOUT, address + " did not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Libp2pException(Reason.CLOSED, "interrupted while dialling", e);
    }
  }

  private static void pause(long nanos) throws Libp2pException {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Libp2pException(Reason.CLOSED, "interrupted while dialling", e);
    }
  }

  private void connect(
      InetSocketAddress socket,
      Optional<InetSocketAddress> from,
      PeerId peer,
      boolean initiator,
      Duration timeout,
      CompletableFuture<MuxedConnection> result) {
    Optional<ConnectionTable.Place> place = admit(result);
    if (place.isEmpty()) {
      return;
    }
    Multiaddr address = Multiaddr.tcp(socket.getAddress(), socket.getPort());
    ChannelFuture connecting =
        tcp.connect(
            socket, from, timeout, channel -> upgrade(channel, initiator, peer, address, result));
    connecting.channel().closeFuture().addListener(closed -> place.get().leave());
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

  private static Libp2pException connectFailure(Throwable cause) {
    boolean inUse = isInUse(cause);
    boolean timeout = cause instanceof ConnectTimeoutException;
    boolean refused = cause instanceof ConnectException && !timeout && !inUse;
    return new Libp2pException(
        timeout ? Reason.TIMEOUT : inUse ? Reason.ADDRESS_IN_USE : Reason.UNREACHABLE,
        refused ? "connection refused" : String.valueOf(cause.getMessage()),
        cause);
  }

  /** Also what Linux says when the two ports are, or were just now, connected. */
  private static boolean isInUse(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    return cause instanceof BindException
        || message.contains("Cannot assign requested address")
        || message.contains("Address already in use");
  }

  // QUIC.

  private void quic(
      InetSocketAddress socket,
      PeerId peer,
      ConnectionTable.Place place,
      CompletableFuture<MuxedConnection> result) {
    QuicUpgrade upgrade = new QuicUpgrade(socket, Optional.of(peer), host);
    upgrade.closed().whenComplete((closed, none) -> place.leave());
    upgrade.result().whenComplete((connection, failure) -> handOver(connection, failure, result));
    result.whenComplete((connection, failure) -> {
      if (failure != null) {
        upgrade.giveUp();
      }
    });
    try {
      quic.orElseThrow().dial(socket, upgrade);
    } catch (Libp2pException | RejectedExecutionException e) {
      place.leave();
      result.completeExceptionally(e);
    }
  }

  // Relays.

  private void tunnel(
      Multiaddr address,
      PeerId peer,
      Duration timeout,
      ConnectionTable.Place place,
      CompletableFuture<MuxedConnection> result) {
    try {
      Stream stream = tunnel.dial(address, peer, timeout);
      Channel channel = tcp.attach(stream, active -> upgrade(active, true, peer, address, result));
      channel
          .closeFuture()
          .addListener(closed -> {
            place.leave();
            result.completeExceptionally(
                new Libp2pException(Reason.CLOSED, address + ": the circuit has ended"));
          });
      result.whenComplete((connection, failure) -> {
        if (failure != null) {
          channel.close();
        }
      });
    } catch (Libp2pException | RuntimeException e) {
      place.leave();
      result.completeExceptionally(e);
    }
  }

  // All of them.

  private void upgrade(
      Channel channel,
      boolean initiator,
      PeerId peer,
      Multiaddr address,
      CompletableFuture<MuxedConnection> result) {
    if (result.isDone()) {
      channel.close();
      return;
    }
    new ConnectionUpgrade(channel, initiator, Optional.of(peer), address, host)
        .start()
        .whenComplete((connection, failure) -> handOver(connection, failure, result));
  }

  private static void handOver(
      @Nullable MuxedConnection connection,
      @Nullable Throwable failure,
      CompletableFuture<MuxedConnection> result) {
    if (failure != null) {
      result.completeExceptionally(failure);
    } else if (connection != null && !result.complete(connection)) {
      connection.close(); // another address was faster
    }
  }

  /** What a future, or who waits for one, failed with. */
  static Libp2pException cause(Throwable failure) {
    Throwable inner =
        (failure instanceof CompletionException || failure instanceof ExecutionException)
                && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return inner instanceof Libp2pException e
        ? e
        : new Libp2pException(Reason.UNREACHABLE, String.valueOf(inner.getMessage()), inner);
  }
}
