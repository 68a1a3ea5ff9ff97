package org.skerry.libp2p.host;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;

/** Finds or makes the connection to a peer; one dial at a time serves all who wait. Thread-safe. */
final class Connector {
  private final Dialer dialer;
  private final ConnectionTable table;
  private final PeerBook book;
  private final PeerId self;
  private final Map<PeerId, CompletableFuture<MuxedConnection>> dials = new ConcurrentHashMap<>();

  Connector(Dialer dialer, ConnectionTable table, PeerBook book, PeerId self) {
    this.dialer = dialer;
    this.table = table;
    this.book = book;
    this.self = self;
  }

  /** The open connection to {@code peer}, or a new one over the addresses known for it. */
  MuxedConnection connection(PeerId peer, Duration timeout) throws Libp2pException {
    long deadline = System.nanoTime() + timeout.toNanos();
    if (peer.equals(self)) {
      throw new Libp2pException(Reason.UNREACHABLE, "a host does not dial itself");
    }
    while (true) {
      Optional<MuxedConnection> open = table.best(peer);
      if (open.isPresent()) {
        return open.get();
      }
      Duration left = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
      CompletableFuture<MuxedConnection> mine = new CompletableFuture<>();
      CompletableFuture<MuxedConnection> running = dials.putIfAbsent(peer, mine);
      if (running == null) {
        return dial(peer, left, mine);
      }
      Optional<MuxedConnection> theirs = join(running, left, peer);
      if (theirs.isPresent()) {
        return theirs.get();
      }
    }
  }

  /** A new connection over {@code address} and no other. */
  MuxedConnection dialOnly(PeerId peer, Multiaddr address, Duration timeout)
      throws Libp2pException {
    return dialer.dial(peer, List.of(address), timeout);
  }

  private MuxedConnection dial(
      PeerId peer, Duration timeout, CompletableFuture<MuxedConnection> running)
      throws Libp2pException {
    try {
      MuxedConnection connection = dialer.dial(peer, book.addresses(peer), timeout);
      running.complete(connection);
      return connection;
    } catch (Libp2pException | RuntimeException e) {
      running.completeExceptionally(e);
      throw e;
    } finally {
      dials.remove(peer, running);
    }
  }

  /** The connection of a dial that somebody else began; nothing when it ran out of its time. */
  private static Optional<MuxedConnection> join(
      CompletableFuture<MuxedConnection> running, Duration timeout, PeerId peer)
      throws Libp2pException {
    try {
      return Optional.of(running.get(timeout.toNanos(), TimeUnit.NANOSECONDS));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Libp2pException cause) {
        if (cause.reason() == Reason.TIMEOUT || cause.reason() == Reason.CLOSED) {
          return Optional.empty(); // its patience or its thread ended, not ours
        }
        throw new Libp2pException(cause.reason(), String.valueOf(cause.getMessage()), cause);
      }
      throw new IllegalStateException("dialling " + peer, e.getCause());
    } catch (TimeoutException e) {
      throw new Libp2pException(Reason.TIMEOUT, "peer " + peer + " did not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Libp2pException(Reason.CLOSED, "interrupted while dialling", e);
    }
  }
}
