package org.skerry.libp2p.host;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamResetException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.PeerId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves the bytes of one stream between QUIC and the application. Owned by the channel's event
 * loop; only {@link #sendLater}, {@link #resetLater}, {@link #linger} and {@link #consumed} may be
 * called from elsewhere.
 *
 * <p>QUIC gives a remote new credit for what is taken out of it, so no more is taken than lies
 * unread here: {@link #MAX_UNREAD_BYTES}, and beyond that what QUIC's own window allows.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the channel itself tells of its failures
final class QuicStreamHandler extends ChannelInboundHandlerAdapter implements StreamCarrier {
  private static final Logger LOG = LoggerFactory.getLogger(QuicStreamHandler.class);

  static final int MAX_UNREAD_BYTES = 256 << 10;

  /** What Netty takes out of QUIC at once. */
  private static final int MAX_READ_BYTES = 64 << 10;

  /**
   * So much is written even when QUIC has room for less. It waits in the channel, and what becomes
   * of it tells when there is room again, or that the remote reads no more.
   */
  private static final int PROBE_BYTES = 1024;

  /** How long a stream that the application closed may wait for the remote to close its half. */
  private static final long LINGER_NANOS = 60_000_000_000L;

  private static final int NO_ERROR = 0;

  private final QuicHandler muxer;
  private final boolean isOutbound;
  private final MuxedStream stream = new MuxedStream(this, 0);
  private boolean probing;
  private boolean waking;
  private boolean gone;
  private @Nullable ChannelHandlerContext ctx;

  QuicStreamHandler(QuicHandler muxer, boolean isOutbound) {
    this.muxer = muxer;
    this.isOutbound = isOutbound;
  }

  MuxedStream stream() {
    return stream;
  }

  boolean isOutbound() {
    return isOutbound;
  }

  private ChannelHandlerContext ctx() {
    return Objects.requireNonNull(ctx, "the handler is not in a pipeline");
  }

  private QuicStreamChannel channel() {
    return (QuicStreamChannel) ctx().channel();
  }

  @Override
  public PeerId remotePeer() {
    return muxer.remotePeer();
  }

  @Override
  public Connection connection() {
    return muxer.connection();
  }

  @Override
  public HostContext host() {
    return muxer.host();
  }

  @Override
  public BufferBudget.Share budget() {
    return muxer.budget();
  }

  @Override
  public ByteBufAllocator buffers() {
    return muxer.buffers();
  }

  // The channel's events.

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    ctx = context;
    context.channel().config().setAutoRead(false);
    muxer.added(this);
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    readIfRoom();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object msg) {
    ByteBuf bytes = (ByteBuf) msg;
    int size = bytes.readableBytes();
    muxer.took(size);
    host().metrics().add(HostMetrics.BYTES_RECEIVED, size);
    muxer.peerBytes().received(size);
    if (gone) {
      bytes.release();
    } else if (!budget().take(size)) {
      bytes.release();
      host().metrics().refused(HostMetrics.Refusal.BUFFERED_BYTES);
      reset();
    } else if (stream.arrived(bytes)) {
      wakeSoon();
    } else {
      budget().give(size);
      reset();
    }
  }

  /** A reader is woken once for all datagrams that came together. */
  private void wakeSoon() {
    if (!waking) {
      waking = true;
      ctx()
          .executor()
          .execute(() -> {
            waking = false;
            stream.rest();
          });
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    readIfRoom();
  }

  private void readIfRoom() {
    if (!gone && stream.unreadBytes() <= MAX_UNREAD_BYTES - MAX_READ_BYTES && muxer.hasRoom()) {
      ctx().read();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownReadComplete) {
      stream.remoteClosed();
      forgetIfDone();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (!gone && !stream.isEnded() && context.channel().parent().isActive()) {
      ended(Reason.STREAM_RESET, true);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!(cause instanceof QuicStreamResetException)) {
      LOG.debug("a stream of peer {} failed", remotePeer(), cause);
    }
    abandon(true); // an answer that the reset followed on its heels may still be read
  }

  void tick(long nowNanos) {
    if (stream.isLate(nowNanos)) {
      reset();
    } else {
      readIfRoom(); // another stream may have made it
    }
  }

  // The application's wishes.

  @Override
  public void sendLater(MuxedStream ours) {
    muxer.inLoop(this::drain);
  }

  @Override
  public void resetLater(MuxedStream ours) {
    muxer.inLoop(() -> {
      if (gone) {
        stream.dropUnsent();
      } else {
        reset();
      }
    });
  }

  @Override
  public void linger(MuxedStream ours) {
    muxer.inLoop(() -> stream.lingerUntil(System.nanoTime() + LINGER_NANOS));
  }

  @Override
  public void consumed(MuxedStream ours, int bytes) {
    muxer.inLoop(() -> {
      readIfRoom();
      forgetIfDone();
    });
  }

  // Sending.

  private void drain() {
    while (!gone && !probing) {
      switch (stream.send()) {
        case MORE, BLOCKED -> {}
        case ALL -> {
          return;
        }
        case GONE -> {
          stopped();
          return;
        }
      }
    }
  }

  /** The remote has said that it reads no more. */
  private void stopped() {
    if (channel().parent().isActive()) {
      stream.stopWriting();
      forgetIfDone();
    }
  }

  @Override
  public int sendData(MuxedStream ours, ByteBuf data) {
    long room = Math.max(channel().bytesBeforeUnwritable(), PROBE_BYTES);
    int size = (int) Math.min(data.readableBytes(), room);
    ChannelFuture written = channel().write(data.readRetainedSlice(size));
    if (!written.isDone()) {
      probing = true;
      written.addListener(done -> {
        probing = false;
        if (done.isSuccess()) {
          drain();
        } else if (!gone) {
          stopped();
        }
      });
    } else if (!written.isSuccess()) {
      return -1;
    }
    host().metrics().add(HostMetrics.BYTES_SENT, size);
    muxer.peerBytes().sent(size);
    return size;
  }

  @Override
  public void sendFin(MuxedStream ours) {
    channel().shutdownOutput();
    forgetIfDone();
  }

  // The end.

  private void reset() {
    abandon(false);
  }

  private void abandon(boolean keepReceived) {
    if (!gone) {
      ended(Reason.STREAM_RESET, keepReceived);
      channel().shutdown(NO_ERROR, channel().newPromise());
      channel().close();
      muxer.wasReset();
    }
  }

  private void forgetIfDone() {
    if (!gone && stream.isDone()) {
      gone = true;
      muxer.removed(this);
      channel().close();
    }
  }

  /** The connection is over: what a remote sent that closed its half in order may still be read. */
  void connectionClosed() {
    ended(Reason.CLOSED, stream.isRemoteClosed());
  }

  private void ended(Reason reason, boolean keepReceived) {
    gone = true;
    stream.fail(reason, keepReceived);
    stream.dropUnsent();
    muxer.removed(this);
  }
}
