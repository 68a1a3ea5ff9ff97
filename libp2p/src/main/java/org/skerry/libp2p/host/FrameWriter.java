package org.skerry.libp2p.host;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.util.concurrent.atomic.LongAdder;
import org.skerry.libp2p.host.HostMetrics.Refusal;

/**
 * Writes a session's frames to its channel, and closes the channel of a remote that does not read
 * them. Owned by the channel's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the channel itself tells of its failures
final class FrameWriter {
  /**
   * What may wait unsent. Data stops far below; but a remote that never reads can make this side
   * answer without end, with resets for example.
   */
  static final int MAX_UNSENT_BYTES = 2 << 20;

  /** How long the socket may take nothing before the connection is given up. */
  private static final long STALL_NANOS = 60_000_000_000L;

  private final ChannelHandlerContext ctx;
  private final HostMetrics metrics;
  private final LongAdder bytesSent;
  private final BandwidthMeter.Counts peerBytes;
  private boolean flushScheduled;
  private long unwritableSinceNanos = -1;

  FrameWriter(ChannelHandlerContext ctx, HostMetrics metrics, BandwidthMeter.Counts peerBytes) {
    this.ctx = ctx;
    this.metrics = metrics;
    this.bytesSent = metrics.counter(HostMetrics.BYTES_SENT);
    this.peerBytes = peerBytes;
  }

  /** Owns {@code frame}, which leaves with all others of this turn of the event loop. */
  void write(ByteBuf frame) {
    bytesSent.add(frame.readableBytes());
    peerBytes.sent(frame.readableBytes());
    ctx.write(frame, ctx.voidPromise());
    if (ctx.channel().isActive() && ctx.channel().bytesBeforeWritable() > MAX_UNSENT_BYTES) {
      giveUp();
    } else if (!flushScheduled) {
      flushScheduled = true;
      ctx.executor()
          .execute(() -> {
            flushScheduled = false;
            ctx.flush();
          });
    }
  }

  /** Whether the socket takes data. */
  boolean isWritable() {
    return ctx.channel().isWritable();
  }

  void writabilityChanged(long nowNanos) {
    unwritableSinceNanos = isWritable() ? -1 : nowNanos;
  }

  /** To be called about once a second. */
  void tick(long nowNanos) {
    if (unwritableSinceNanos >= 0 && nowNanos - unwritableSinceNanos > STALL_NANOS) {
      giveUp();
    }
  }

  void flushAndClose() {
    ctx.flush();
    ctx.close();
  }

  private void giveUp() {
    metrics.refused(Refusal.WRITE_STALLED);
    ctx.close();
  }
}
