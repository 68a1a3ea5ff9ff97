package org.skerry.libp2p.host;

import io.netty.channel.Channel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;

/** A secured and multiplexed connection. Thread-safe. */
final class MuxedConnection implements Connection {
  private final Channel channel;
  private final Muxer muxer;
  private final Multiaddr remoteAddress;
  private final boolean initiator;

  MuxedConnection(Channel channel, Muxer muxer, Multiaddr remoteAddress, boolean initiator) {
    this.channel = channel;
    this.muxer = muxer;
    this.remoteAddress = remoteAddress;
    this.initiator = initiator;
  }

  @Override
  public PeerId remotePeer() {
    return muxer.remotePeer();
  }

  @Override
  public Multiaddr remoteAddress() {
    return remoteAddress;
  }

  boolean isRelayed() {
    return remoteAddress.isRelayed();
  }

  @Override
  public boolean initiator() {
    return initiator;
  }

  @Override
  public boolean isOpen() {
    return channel.isActive();
  }

  /** Whether new streams may be opened: it is open, and neither side has said that it is going. */
  boolean takesStreams() {
    return channel.isActive() && !muxer.isGoingAway();
  }

  @Override
  public void close() {
    muxer.closeLater();
  }

  /** How long it has had no stream; 0 while it has one. */
  long idleNanos(long nowNanos) {
    return muxer.idleNanos(nowNanos);
  }

  void closeWhenIdle() {
    muxer.closeWhenIdle();
  }

  /** Opens a raw stream, waiting for room among the streams that are open. */
  MuxedStream open(Duration timeout) throws Libp2pException {
    CompletableFuture<MuxedStream> opening = muxer.open();
    try {
      return opening.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      giveUp(opening);
      throw new Libp2pException(
          Reason.LIMIT_EXCEEDED,
          "peer " + remotePeer().shortText() + " has as many streams open as the limits allow",
          e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Libp2pException cause) {
        throw new Libp2pException(cause.reason(), String.valueOf(cause.getMessage()), cause);
      }
      throw new IllegalStateException("opening a stream", e.getCause());
    } catch (InterruptedException e) {
      giveUp(opening);
      Thread.currentThread().interrupt();
      throw new Libp2pException(Reason.CLOSED, "interrupted while opening a stream", e);
    }
  }

  /** Nobody waits any more; a stream that was opened in this very moment is not kept. */
  static void giveUp(CompletableFuture<MuxedStream> opening) {
    if (!opening.cancel(false) && !opening.isCompletedExceptionally()) {
      opening.join().reset();
    }
  }

  @Override
  public String toString() {
    return "connection to " + remotePeer() + " at " + remoteAddress;
  }
}
