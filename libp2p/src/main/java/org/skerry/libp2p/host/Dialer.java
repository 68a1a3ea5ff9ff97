package org.skerry.libp2p.host;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ConnectTimeoutException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;

/**
 * Dials a peer at several addresses: one after the other, the next as soon as the last has failed
 * or has been silent for a moment. The first connection wins and the rest are given up.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the channel itself tells of its failures
final class Dialer {
  private static final long STAGGER_NANOS = 250_000_000L;

  private final TcpTransport transport;
  private final ConnectionTable table;
  private final PeerBook book;
  private final HostContext host;

  Dialer(TcpTransport transport, ConnectionTable table, PeerBook book, HostContext host) {
    this.transport = transport;
    this.table = table;
    this.book = book;
    this.host = host;
  }

  private record Target(Multiaddr address, InetSocketAddress socket) {}

  private record Attempt(Target target, CompletableFuture<MuxedConnection> result) {}

  MuxedConnection dial(PeerId peer, List<Multiaddr> addresses, Duration timeout)
      throws Libp2pException {
    long deadline = System.nanoTime() + timeout.toNanos();
    List<String> failures = new ArrayList<>();
    List<Target> targets = targets(addresses, failures);
    if (targets.isEmpty()) {
      throw new Libp2pException(
          Reason.UNREACHABLE,
          "no TCP address is known for peer " + peer + (failures.isEmpty() ? "" : ": " + failures));
    }
    LinkedBlockingQueue<Attempt> ended = new LinkedBlockingQueue<>();
    List<Attempt> started = new ArrayList<>();
    Reason worst = Reason.UNREACHABLE;
    int failed = 0;
    try {
      while (failed < targets.size()) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          throw new Libp2pException(
              Reason.TIMEOUT,
              "peer " + peer + " did not answer within " + timeout + detail(failures));
        }
        boolean more = started.size() < targets.size();
        if (more) {
          Attempt attempt = start(targets.get(started.size()), peer, Duration.ofNanos(left), ended);
          started.add(attempt);
          more = started.size() < targets.size();
        }
        Attempt done = poll(ended, more ? Math.min(left, STAGGER_NANOS) : left);
        if (done == null) {
          continue;
        }
        if (!done.result().isCompletedExceptionally()) {
          book.worked(peer, done.target().address());
          return done.result().join();
        }
        failed++;
        Libp2pException why = cause(done.result().exceptionNow());
        worst = worse(worst, why.reason());
        failures.add(done.target().address() + ": " + why.getMessage());
        book.failed(peer, done.target().address());
      }
      throw new Libp2pException(worst, "peer " + peer + " cannot be reached" + detail(failures));
    } finally {
      started.forEach(attempt -> attempt.result().cancel(false));
    }
  }

  private static String detail(List<String> failures) {
    return failures.isEmpty() ? "" : ": " + String.join("; ", failures);
  }

  private static @Nullable Attempt poll(LinkedBlockingQueue<Attempt> ended, long nanos)
      throws Libp2pException {
    try {
      return ended.poll(nanos, TimeUnit.NANOSECONDS);
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

  private static List<Target> targets(List<Multiaddr> addresses, List<String> failures) {
    List<Target> out = new ArrayList<>();
    for (Multiaddr address : addresses) {
      if (TcpAddresses.isTcp(address)) {
        try {
          TcpAddresses.resolve(address).forEach(socket -> out.add(new Target(address, socket)));
        } catch (Libp2pException e) {
          failures.add(String.valueOf(e.getMessage()));
        }
      }
    }
    return out;
  }

  private Attempt start(
      Target target, PeerId peer, Duration timeout, LinkedBlockingQueue<Attempt> ended) {
    CompletableFuture<MuxedConnection> result = new CompletableFuture<>();
    Attempt attempt = new Attempt(target, result);
    result.whenComplete((connection, failure) -> ended.add(attempt));
    switch (table.admitOutbound()) {
      case ConnectionTable.Admission.Refused(HostMetrics.Refusal refusal) -> {
        host.metrics().refused(refusal);
        result.completeExceptionally(
            new Libp2pException(
                Reason.LIMIT_EXCEEDED,
                "this host has its " + host.limits().maxConnections() + " connections"));
      }
      case ConnectionTable.Admission.Admitted(ConnectionTable.Place place) -> {
        ChannelFuture connecting =
            transport.connect(target.socket(), timeout, channel -> upgrade(channel, peer, result));
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
    }
    return attempt;
  }

  private void upgrade(Channel channel, PeerId peer, CompletableFuture<MuxedConnection> result) {
    if (result.isDone()) {
      channel.close();
      return;
    }
    new ConnectionUpgrade(channel, true, Optional.of(peer), host)
        .start()
        .whenComplete((connection, failure) -> {
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
