package org.skerry.libp2p.host;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.yamux.GoAwayCode;
import org.skerry.libp2p.yamux.Opening;
import org.skerry.libp2p.yamux.YamuxFailure;
import org.skerry.libp2p.yamux.YamuxOutput;
import org.skerry.libp2p.yamux.YamuxSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives a {@link YamuxSession} over a channel. Owned by the channel's event loop; only the methods
 * named {@code …Later}, {@link #linger}, {@link #consumed}, {@link #closeWhenIdle} and {@link
 * #open} may be called from elsewhere.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the channel itself tells of its failures
final class YamuxHandler extends ChannelInboundHandlerAdapter
    implements YamuxOutput, Muxer, StreamCarrier {
  private static final Logger LOG = LoggerFactory.getLogger(YamuxHandler.class);
  private static final long SECOND = 1_000_000_000L;

  /** How long a stream that the application closed may wait for the remote to close its half. */
  private static final long LINGER_NANOS = 60 * SECOND;

  private final PeerId remotePeer;
  private final boolean initiator;
  private final HostContext host;
  private final LongAdder bytesReceived;
  private final BandwidthMeter.Counts peerBytes;
  private final BufferBudget.Share budget;
  private final Use use = new Use();

  private final IntObjectMap<MuxedStream> streams = new IntObjectHashMap<>();
  private final ArrayDeque<MuxedStream> sendable = new ArrayDeque<>();

  /** Those with bytes of what the channel is just reading. */
  private final Set<MuxedStream> heard = new HashSet<>();

  private final ArrayDeque<CompletableFuture<MuxedStream>> opens = new ArrayDeque<>();
  private boolean closed;
  private @Nullable ConnectionEvents events;
  private volatile boolean goingAway;
  private volatile @Nullable ChannelHandlerContext ctx;
  private @Nullable YamuxSession session;
  private @Nullable FrameWriter writer;

  YamuxHandler(PeerId remotePeer, boolean initiator, HostContext host) {
    this.remotePeer = remotePeer;
    this.initiator = initiator;
    this.host = host;
    this.bytesReceived = host.metrics().counter(HostMetrics.BYTES_RECEIVED);
    this.peerBytes = host.metrics().bandwidth().ofPeer(remotePeer);
    this.budget = host.budget().join(remotePeer);
  }

  @Override
  public PeerId remotePeer() {
    return remotePeer;
  }

  @Override
  public Connection connection() {
    return Objects.requireNonNull(events).connection();
  }

  @Override
  public HostContext host() {
    return host;
  }

  @Override
  public BufferBudget.Share budget() {
    return budget;
  }

  @Override
  public ByteBufAllocator buffers() {
    return ctx().alloc();
  }

  private ChannelHandlerContext ctx() {
    return Objects.requireNonNull(ctx, "the handler is not in a pipeline");
  }

  private YamuxSession session() {
    assert ctx().executor().inEventLoop();
    return Objects.requireNonNull(session);
  }

  private FrameWriter writer() {
    return Objects.requireNonNull(writer, "the handler is not in a pipeline");
  }

  /** Before this handler enters its pipeline. */
  void events(ConnectionEvents listener) {
    events = listener;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    ctx = context;
    writer = new FrameWriter(context, host.metrics(), peerBytes);
    session =
        new YamuxSession(
            initiator, host.limits().yamux(), context.alloc(), this, System.nanoTime());
    context.executor().schedule(this::tick, 1, TimeUnit.SECONDS);
    Objects.requireNonNull(events).ready();
  }

  // The channel's events.

  @Override
  public void channelRead(ChannelHandlerContext context, Object msg) {
    ByteBuf in = (ByteBuf) msg;
    try {
      bytesReceived.add(in.readableBytes());
      peerBytes.received(in.readableBytes());
      session().receive(in, System.nanoTime());
    } finally {
      in.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    heard.forEach(MuxedStream::rest);
    heard.clear();
    context.fireChannelReadComplete();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    writer().writabilityChanged(System.nanoTime());
    drain();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    finish();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!(cause instanceof IOException)) {
      LOG.warn("the connection to peer {} failed", remotePeer, cause);
    }
    context.close();
  }

  private void tick() {
    if (closed) {
      return;
    }
    long now = System.nanoTime();
    streams.values().stream().filter(stream -> stream.isLate(now)).toList().forEach(this::reset);
    host.leftovers().expire(now);
    session().tick(now);
    writer().tick(now);
    if (use.isOver(now) && session().openStreams() == 0) {
      closeLater();
    }
    if (!closed) {
      ctx().executor().schedule(this::tick, 1, TimeUnit.SECONDS);
    }
  }

  private void finish() {
    if (closed) {
      return;
    }
    closed = true;
    for (MuxedStream stream : List.copyOf(streams.values())) {
      // What a remote sent that closed its half in order may still be read.
      forget(stream, Reason.CLOSED, stream.isRemoteClosed());
    }
    sendable.clear();
    opens.forEach(open -> open.completeExceptionally(connectionClosed()));
    opens.clear();
    budget.leave();
    Objects.requireNonNull(events).closed();
  }

  private Libp2pException connectionClosed() {
    return new Libp2pException(
        Reason.CLOSED, "the connection to peer " + remotePeer.shortText() + " is closed");
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
    if (closed) {
      opening.completeExceptionally(connectionClosed());
      return;
    }
    switch (session().openStream(System.nanoTime())) {
      case Opening.Opened(int id) -> {
        MuxedStream stream = new MuxedStream(this, id);
        put(id, stream);
        if (!opening.complete(stream)) {
          reset(stream);
        }
      }
      case Opening.Refused(Opening.Refusal refusal) -> {
        switch (refusal) {
          case ACK_BACKLOG_FULL, TOO_MANY_STREAMS -> opens.add(opening);
          case GOING_AWAY, IDS_EXHAUSTED -> opening.completeExceptionally(connectionClosed());
        }
      }
    }
  }

  @Override
  public void sendLater(MuxedStream stream) {
    inLoop(() -> {
      if (streams.get(stream.id()) == stream) {
        enqueue(stream);
      }
    });
  }

  @Override
  public void resetLater(MuxedStream stream) {
    inLoop(() -> {
      if (closed) {
        stream.dropUnsent();
      } else {
        reset(stream);
      }
    });
  }

  @Override
  public void linger(MuxedStream stream) {
    inLoop(() -> {
      if (streams.get(stream.id()) == stream) {
        stream.lingerUntil(System.nanoTime() + LINGER_NANOS);
      }
    });
  }

  @Override
  public void consumed(MuxedStream stream, int bytes) {
    inLoop(() -> {
      if (!closed) {
        session().consumed(stream.id(), bytes, System.nanoTime());
        forgetIfDone(stream);
      }
    });
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
    inLoop(() -> {
      if (!closed) {
        goingAway = true;
        session().goAway(GoAwayCode.NORMAL);
        writer().flushAndClose();
      }
    });
  }

  @Override
  public boolean isGoingAway() {
    return goingAway;
  }

  private boolean inLoop(Runnable task) {
    try {
      if (ctx().executor().inEventLoop()) {
        task.run();
      } else {
        ctx().executor().execute(task);
      }
      return true;
    } catch (RejectedExecutionException e) {
      return false; // the host is closed, and its streams are failed already
    }
  }

  // Sending.

  private void enqueue(MuxedStream stream) {
    if (stream.enqueue()) {
      sendable.addLast(stream);
    }
    drain();
  }

  /** Gives every stream with data its turn, a chunk at a time, while the socket takes it. */
  private void drain() {
    while (!sendable.isEmpty() && writer().isWritable() && !closed) {
      MuxedStream stream = sendable.removeFirst();
      stream.dequeue();
      if (streams.get(stream.id()) != stream) {
        continue;
      }
      switch (stream.send()) {
        case MORE -> {
          if (stream.enqueue()) {
            sendable.addLast(stream);
          }
        }
        case GONE -> forget(stream, Reason.STREAM_RESET, true);
        case ALL, BLOCKED -> {}
      }
    }
  }

  @Override
  public int sendData(MuxedStream stream, ByteBuf data) {
    int size = session().write(stream.id(), data);
    return size == YamuxSession.GONE ? -1 : size;
  }

  @Override
  public void sendFin(MuxedStream stream) {
    session().closeWrite(stream.id());
    forgetIfDone(stream);
  }

  private void reset(MuxedStream stream) {
    session().reset(stream.id());
    forget(stream, Reason.STREAM_RESET, false);
  }

  private void forgetIfDone(MuxedStream stream) {
    if (stream.isDone()) {
      remove(stream);
    }
  }

  private void put(int id, MuxedStream stream) {
    streams.put(id, stream);
    use.streams(streams.size());
  }

  private void remove(MuxedStream stream) {
    streams.remove(stream.id());
    use.streams(streams.size());
    if (goingAway && streams.isEmpty() && !closed) {
      writer().flushAndClose();
    }
  }

  private void forget(MuxedStream stream, Reason reason, boolean keepReceived) {
    stream.fail(reason, keepReceived);
    stream.dropUnsent();
    remove(stream);
  }

  // The session's output.

  @Override
  public void frame(ByteBuf frame) {
    writer().write(frame);
  }

  @Override
  public void opened(int id) {
    MuxedStream stream = new MuxedStream(this, id);
    put(id, stream);
    Objects.requireNonNull(events).inbound(stream);
  }

  @Override
  public void data(int id, ByteBuf bytes) {
    MuxedStream stream = streams.get(id);
    int size = bytes.readableBytes();
    if (stream == null) {
      bytes.release();
      return;
    }
    if (!budget.take(size)) {
      bytes.release();
      host.metrics().refused(HostMetrics.Refusal.BUFFERED_BYTES);
      reset(stream);
    } else if (stream.arrived(bytes)) {
      heard.add(stream);
    } else {
      budget.give(size);
      reset(stream);
    }
  }

  @Override
  public void writable(int id) {
    MuxedStream stream = streams.get(id);
    if (stream != null) {
      enqueue(stream);
    }
  }

  @Override
  public void remoteClosed(int id) {
    MuxedStream stream = streams.get(id);
    if (stream != null) {
      stream.remoteClosed();
      forgetIfDone(stream);
    }
  }

  @Override
  public void reset(int id) {
    MuxedStream stream = streams.get(id);
    if (stream != null) {
      // An answer that the reset followed on its heels may still be read.
      forget(stream, Reason.STREAM_RESET, true);
    }
  }

  @Override
  public void openable() {
    List<CompletableFuture<MuxedStream>> waiting = List.copyOf(opens);
    opens.clear();
    waiting.forEach(this::tryOpen);
  }

  @Override
  public void remoteGoingAway() {
    goingAway = true;
    openable(); // those who wait for room wait in vain
    if (streams.isEmpty()) {
      writer().flushAndClose();
    }
  }

  @Override
  public void failed(YamuxFailure failure) {
    host.metrics().refused("yamux", failure.reason());
    writer().flushAndClose();
  }
}
