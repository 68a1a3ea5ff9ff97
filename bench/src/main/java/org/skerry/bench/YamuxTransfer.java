package org.skerry.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.Deque;
import org.skerry.libp2p.yamux.Opening;
import org.skerry.libp2p.yamux.YamuxFailure;
import org.skerry.libp2p.yamux.YamuxLimits;
import org.skerry.libp2p.yamux.YamuxOutput;
import org.skerry.libp2p.yamux.YamuxSession;

/** Two Yamux sessions handing frames to each other on one thread: what the framing itself costs. */
final class YamuxTransfer implements Transfer {
  private static final int CHUNK_BYTES = 64 * 1024;
  private static final ByteBufAllocator BUFFERS = PooledByteBufAllocator.DEFAULT;

  private final Side sender = new Side(true);
  private final Side receiver = new Side(false);
  private final int stream;

  YamuxTransfer() {
    if (!(sender.session.openStream(System.nanoTime()) instanceof Opening.Opened opened)) {
      throw new IllegalStateException("a fresh session opens no stream");
    }
    stream = opened.stream();
    exchange();
  }

  @Override
  public String variant() {
    return "yamux-in-memory";
  }

  @Override
  public void move(long bytes) {
    long end = receiver.received + bytes;
    ByteBuf chunk = Unpooled.directBuffer(CHUNK_BYTES).writeZero(CHUNK_BYTES);
    while (receiver.received < end) {
      long left = end - receiver.received;
      ByteBuf part = chunk.slice(0, (int) Math.min(left, CHUNK_BYTES));
      sender.session.write(stream, part);
      exchange();
    }
    chunk.release();
  }

  private void exchange() {
    sender.deliverTo(receiver);
    receiver.deliverTo(sender);
  }

  @Override
  public void close() {
    sender.session.reset(stream);
    exchange();
  }

  private static final class Side implements YamuxOutput {
    final YamuxSession session;
    private final Deque<ByteBuf> frames = new ArrayDeque<>();
    long received;

    Side(boolean client) {
      session = new YamuxSession(client, YamuxLimits.DEFAULT, BUFFERS, this, System.nanoTime());
    }

    void deliverTo(Side other) {
      for (ByteBuf frame = frames.poll(); frame != null; frame = frames.poll()) {
        other.session.receive(frame, System.nanoTime());
        frame.release();
      }
    }

    @Override
    public void frame(ByteBuf frame) {
      frames.add(frame);
    }

    @Override
    public void data(int stream, ByteBuf bytes) {
      int size = bytes.readableBytes();
      bytes.release();
      received += size;
      session.consumed(stream, size, System.nanoTime());
    }

    @Override
    public void failed(YamuxFailure failure) {
      throw new IllegalStateException(failure.toString());
    }

    @Override
    public void opened(int stream) {}

    @Override
    public void writable(int stream) {}

    @Override
    public void remoteClosed(int stream) {}

    @Override
    public void reset(int stream) {}

    @Override
    public void openable() {}

    @Override
    public void remoteGoingAway() {}
  }
}
