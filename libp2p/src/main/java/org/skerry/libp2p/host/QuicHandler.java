package org.skerry.libp2p.host;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamLimitChangedEvent;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.PeerId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams of one QUIC connection. Owned by the channel's event loop; only the methods of {@link
 * Muxer} and {@link #inLoop} may be called from elsewhere.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the channel itself tells of its failures
final class QuicHandler extends ChannelInboundHandlerAdapter implements Muxer {
  private static final Logger LOG = LoggerFactory.getLogger(QuicHandler.class);
  private static final long SECOND = 1_000_000_000L;

  /** Routers forget a UDP flow that is silent for half a minute. */
  private static final long KEEP_ALIVE_NANOS = 15 * SECOND;

  /** Until what was sent last has arrived, or has been sent once more. */
  private static final long DRAIN_NANOS = 2 * SECOND;

  /**
   * Netty keeps a stream that was reset for as long as its connection, so no new ones are opened
   * after this many, and after twice as many the connection ends.
   */
  static final int MAX_RESETS = 4096;

  private final PeerId remotePeer;
  private final boolean takesDatagrams;
  private final HostContext host;
  private final BandwidthMeter.Counts peerBytes;
  private final BufferBudget.Share budget;
  private final Use use = new Use();
  private final Set<QuicStreamHandler> streams = new LinkedHashSet<>();
  private final ArrayDeque<CompletableFuture<MuxedStream>> opens = new ArrayDeque<>();

  /** What was taken out of QUIC and may still be unread; at least as much as is. */
  private long takenBytes;

  private int outbound;
  private int resets;
  private boolean closed;
  private long keptAliveNanos = System.nanoTime();
  private @Nullable ConnectionEvents events;
  private volatile boolean goingAway;
  private volatile @Nullable ChannelHandlerContext ctx;

  /**
   * @param takesDatagrams whether the remote takes datagrams beside streams (RFC 9221)
   */
  QuicHandler(PeerId remotePeer, boolean takesDatagrams, HostContext host) {
    this.remotePeer = remotePeer;
    this.takesDatagrams = takesDatagrams;
    this.host = host;
    this.peerBytes = host.metrics().bandwidth().ofPeer(remotePeer);
    this.budget = host.budget().join(remotePeer);
  }

  /** Before this handler enters its pipeline. */
  void events(ConnectionEvents listener) {
    events = listener;
  }

  private ConnectionEvents events() {
    return Objects.requireNonNull(events);
  }

  private ChannelHandlerContext ctx() {
    return Objects.requireNonNull(ctx, "the handler is not in a pipeline");
  }

  private QuicChannel channel() {
    return (QuicChannel) ctx().channel();
  }

  Connection connection() {
    return events().connection();
  }

  ByteBufAllocator buffers() {
    return ctx().alloc();
  }

  HostContext host() {
    return host;
  }

  /** What may lie unread in the streams. */
  BufferBudget.Share budget() {
    return budget;
  }

  /** Where what the streams carry is counted. */
  BandwidthMeter.Counts peerBytes() {
    return peerBytes;
  }

  @Override
  public PeerId remotePeer() {
    return remotePeer;
  }

  @Override
  public boolean isGoingAway() {
    return goingAway;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    ctx = context;
    context.executor().schedule(this::tick, 1, TimeUnit.SECONDS);
    events().ready();
  }

  // The channel's events.

  @Override
  public void channelRead(ChannelHandlerContext context, Object msg) {
    if (msg instanceof QuicStreamChannel stream) {
      QuicStreamHandler handler = new QuicStreamHandler(this, false);
      stream.pipeline().addLast(handler);
      context.channel().eventLoop().register(stream);
      events().inbound(handler.stream());
    } else {
      ReferenceCountUtil.release(msg); // a datagram has done its work by arriving
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof QuicStreamLimitChangedEvent) {
      openWaiting();
    }
    context.fireUserEventTriggered(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (closed) {
      return;
    }
    closed = true;
    List.copyOf(streams).forEach(QuicStreamHandler::connectionClosed);
    opens.forEach(open -> open.completeExceptionally(connectionClosed()));
    opens.clear();
    budget.leave();
    events().closed();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug("the connection to peer {} failed", remotePeer, cause);
    context.executor().execute(context::close); // while it sends, it would not tell the peer
  }

  private void tick() {
    if (closed) {
      return;
    }
    long now = System.nanoTime();
    List.copyOf(streams).forEach(stream -> stream.tick(now));
    host.leftovers().expire(now);
    if (takesDatagrams && now - keptAliveNanos >= KEEP_ALIVE_NANOS) {
      keptAliveNanos = now;
      // Netty sends no PING; the datagram is acknowledged as that would be.
      ctx().writeAndFlush(ctx().alloc().directBuffer(1).writeByte(0));
    }
    if (use.idleNanos(now) >= DRAIN_NANOS && (use.isOver(now) || goingAway)) {
      closeLater();
    } else {
      ctx().executor().schedule(this::tick, 1, TimeUnit.SECONDS);
    }
  }

  // The application's wishes.

  @Override
  public CompletableFuture<MuxedStream> open() {
    CompletableFuture<MuxedStream> opening = new CompletableFuture<>();
    if (!inLoop(() -> tryOpen(opening))) {
      opening.completeExceptionally(connectionClosed());
    }
    return opening;
  }

  private void tryOpen(CompletableFuture<MuxedStream> opening) {
    if (opening.isDone()) {
      return;
    }
    if (closed || goingAway) {
      opening.completeExceptionally(connectionClosed());
      return;
    }
    // Asked before: an attempt that fails would use up the number of a stream.
    if (outbound >= host.limits().streams().outboundPerConnection()
        || channel().peerAllowedStreams(QuicStreamType.BIDIRECTIONAL) <= 0) {
      opens.add(opening);
      return;
    }
    QuicStreamHandler handler = new QuicStreamHandler(this, true);
    outbound++;
    channel()
        .createStream(QuicStreamType.BIDIRECTIONAL, handler)
        .addListener(created -> {
          if (!created.isSuccess()) {
            outbound--;
            opening.completeExceptionally(connectionClosed());
          } else if (!opening.complete(handler.stream())) {
            handler.resetLater(handler.stream());
          }
        });
  }

  private void openWaiting() {
    List<CompletableFuture<MuxedStream>> waiting = List.copyOf(opens);
    opens.clear();
    waiting.forEach(this::tryOpen);
  }

  private Libp2pException connectionClosed() {
    return new Libp2pException(
        Reason.CLOSED, "the connection to peer " + remotePeer.shortText() + " is closed");
  }

  @Override
  public void closeWhenIdle() {
    use.surplus();
  }

  @Override
  public long idleNanos(long nowNanos) {
    return use.idleNanos(nowNanos);
  }

  @Override
  public void closeLater() {
    goingAway = true;
    inLoop(() -> {
      if (!closed) {
        channel().close(true, 0, Unpooled.EMPTY_BUFFER);
      }
    });
  }

  /** Whether the task was run, or will be: not when the host is closed. */
  boolean inLoop(Runnable task) {
    try {
      if (ctx().executor().inEventLoop()) {
        task.run();
      } else {
        ctx().executor().execute(task);
      }
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  // What streams tell.

  void added(QuicStreamHandler stream) {
    streams.add(stream);
    use.streams(streams.size());
  }

  void removed(QuicStreamHandler stream) {
    if (!streams.remove(stream)) {
      return;
    }
    use.streams(streams.size());
    if (stream.isOutbound()) {
      outbound--;
      openWaiting();
    }
  }

  void took(int bytes) {
    takenBytes += bytes;
  }

  /** Whether less lies unread than one connection may hold. */
  boolean hasRoom() {
    long limit = host.limits().maxBufferedBytesPerConnection();
    if (takenBytes >= limit) {
      takenBytes = streams.stream().mapToLong(one -> one.stream().unreadBytes()).sum();
    }
    return takenBytes < limit;
  }

  void wasReset() {
    resets++;
    if (resets == MAX_RESETS) {
      goingAway = true;
      openWaiting(); // those who wait for room wait in vain
    } else if (resets == 2 * MAX_RESETS) {
      host.metrics().refused(HostMetrics.Refusal.STREAM_RESETS);
      closeLater();
    }
  }
}
