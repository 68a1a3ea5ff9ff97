package org.skerry.libp2p.host;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicDatagramExtensionEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.tls.TlsRejection;
import org.skerry.libp2p.tls.TlsResult;

/**
 * Turns one QUIC channel into a connection, once its handshake has shown who is there. Owned by the
 * channel's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the channel itself tells of its failures
final class QuicUpgrade extends ChannelInboundHandlerAdapter {
  private final InetSocketAddress remote;
  private final Optional<PeerId> expected;
  private final HostContext host;
  private final CompletableFuture<MuxedConnection> result = new CompletableFuture<>();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private boolean takesDatagrams;
  private volatile @Nullable ChannelHandlerContext ctx;

  /**
   * For a new channel, in whose pipeline it belongs.
   *
   * @param expected the peer that was dialled, if this side did
   */
  QuicUpgrade(InetSocketAddress remote, Optional<PeerId> expected, HostContext host) {
    this.remote = remote;
    this.expected = expected;
    this.host = host;
  }

  /** The future fails with a {@link Libp2pException}. */
  CompletableFuture<MuxedConnection> result() {
    return result;
  }

  /** Completes when the channel has closed. */
  CompletableFuture<Void> closed() {
    return closed;
  }

  /** Nobody waits any more. */
  void giveUp() {
    result.cancel(false);
    closeChannel();
  }

  /**
   * A channel that there is not yet closes as soon as this is added to it. On the event loop that
   * is a task of its own: a channel that is closed while it sends does not tell the other side.
   */
  private void closeChannel() {
    ChannelHandlerContext context = ctx;
    if (context == null) {
      return;
    }
    if (context.executor().inEventLoop()) {
      context.executor().execute(context.channel()::close);
    } else {
      context.channel().close();
    }
  }

  private QuicChannel channel() {
    return (QuicChannel) Objects.requireNonNull(ctx, "the handler is not in a pipeline").channel();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    ctx = context;
    context.channel().closeFuture().addListener(done -> closed.complete(null));
    if (result.isDone()) {
      context.channel().close();
    }
    Duration limit = host.limits().handshakeTimeout();
    ScheduledFuture<?> timeout =
        context.executor().schedule(() -> timedOut(limit), limit.toNanos(), TimeUnit.NANOSECONDS);
    result.whenComplete((connection, failure) -> timeout.cancel(false));
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    switch (event) {
      case QuicDatagramExtensionEvent datagrams -> takesDatagrams = true;
      case SslHandshakeCompletionEvent completion ->
          ended(completion.isSuccess() ? Optional.empty() : Optional.of(completion.cause()));
      default -> ctx.fireUserEventTriggered(event);
    }
  }

  /** The dial has failed before there was a connection. */
  void failed(Throwable cause) {
    if (ctx == null) {
      closed.complete(null); // there is no channel that would
    }
    if (cause instanceof SSLException) {
      ended(Optional.of(cause));
    } else {
      broken(
          cause instanceof ClosedChannelException
              ? "the other side closed the connection during the handshake"
              : String.valueOf(cause.getMessage()));
    }
  }

  private void ended(Optional<Throwable> failure) {
    if (result.isDone()) {
      return;
    }
    switch (TlsResult.ofQuic(Objects.requireNonNull(channel().sslEngine()), failure, expected)) {
      case TlsResult.Secured(PeerId peer, Optional<String> none) -> secured(peer);
      case TlsResult.Rejected(TlsRejection rejection, String detail) -> {
        host.metrics().refused("tls", rejection);
        fail(Reason.HANDSHAKE_FAILED, detail);
      }
    }
  }

  private void secured(PeerId peer) {
    if (peer.equals(host.self())) {
      host.metrics().refused(HostMetrics.Refusal.SELF_DIAL);
      fail(Reason.HANDSHAKE_FAILED, "the other side is this host itself");
      return;
    }
    Optional<String> refusal = host.gate().refusal(peer);
    if (refusal.isPresent()) {
      fail(Reason.BLOCKED, refusal.get());
      return;
    }
    QuicHandler muxer = new QuicHandler(peer, takesDatagrams, host);
    MuxedConnection connection =
        new MuxedConnection(
            channel(),
            muxer,
            Multiaddr.quic(remote.getAddress(), remote.getPort()),
            expected.isPresent());
    muxer.events(host.events().of(connection));
    channel().pipeline().replace(this, null, muxer);
    if (!result.complete(connection)) {
      closeChannel();
    }
  }

  private void timedOut(Duration limit) {
    if (!result.isDone()) {
      if (expected.isEmpty()) { // else nobody may be there
        host.metrics().refused(HostMetrics.Refusal.HANDSHAKE_TIMEOUT);
      }
      fail(Reason.TIMEOUT, "the handshake took longer than " + limit);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    broken("the other side closed the connection during the handshake");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    broken("the handshake broke: " + cause.getMessage());
  }

  private void broken(String detail) {
    if (!result.isDone()) {
      host.metrics().refused(HostMetrics.Refusal.HANDSHAKE_BROKEN);
      fail(Reason.HANDSHAKE_FAILED, detail);
    }
  }

  private void fail(Reason reason, String detail) {
    result.completeExceptionally(new Libp2pException(reason, remote + ": " + detail));
    closeChannel();
  }
}
