package org.skerry.libp2p.yamux;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Makes frames again of what the network has cut anywhere: a header, its payload as it comes, its
 * end. Never holds more than a header. Owned by its session.
 */
final class FrameReader {
  /** Who takes the frames. */
  interface Sink {
    /** A frame begins. Its length is to be checked here, before any of its payload has come. */
    void header(YamuxFrame frame, long nowNanos);

    /** The next {@code size} readable bytes of {@code in}, all to be taken, are the frame's. */
    void payload(YamuxFrame frame, ByteBuf in, int size);

    void end(YamuxFrame frame, long nowNanos);

    /** Nothing more is to be read. */
    boolean isOver();
  }

  private final Sink sink;
  private final byte[] header = new byte[YamuxFrame.HEADER_BYTES];
  private int headerSize;
  private int payloadLeft;
  private @Nullable YamuxFrame frame;

  FrameReader(Sink sink) {
    this.sink = sink;
  }

  /** Takes all of {@code in}; what comes after the sink is over is skipped. */
  void read(ByteBuf in, long nowNanos) {
    while (!sink.isOver() && in.isReadable()) {
      if (frame == null) {
        readHeader(in, nowNanos);
      } else {
        int size = Math.min(in.readableBytes(), payloadLeft);
        payloadLeft -= size;
        sink.payload(frame, in, size);
        endIfComplete(frame, nowNanos);
      }
    }
    in.skipBytes(in.readableBytes());
  }

  private void readHeader(ByteBuf in, long nowNanos) {
    int size = Math.min(in.readableBytes(), header.length - headerSize);
    in.readBytes(header, headerSize, size);
    headerSize += size;
    if (headerSize == header.length) {
      headerSize = 0;
      YamuxFrame next = YamuxFrame.read(ByteBuffer.wrap(header));
      sink.header(next, nowNanos);
      frame = next;
      payloadLeft = next.payloadBytes();
      endIfComplete(next, nowNanos);
    }
  }

  private void endIfComplete(YamuxFrame current, long nowNanos) {
    if (payloadLeft == 0) {
      frame = null;
      if (!sink.isOver()) {
        sink.end(current, nowNanos);
      }
    }
  }
}
