package org.skerry.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A session between any frames of its remote and any calls of its application. The input is a
 * script of steps, each a byte with what its step needs behind it.
 */
class YamuxFuzzTest {
  private static final int WINDOW = YamuxFrame.INITIAL_WINDOW_BYTES;
  private static final long SECOND = 1_000_000_000L;
  private static final YamuxLimits LIMITS =
      new YamuxLimits(4, 3, 2, 2 * WINDOW, 3 * WINDOW / 2, WINDOW, 16, 30 * SECOND, 30 * SECOND);

  @FuzzTest
  void client(byte[] in) {
    new Run(true).play(ByteBuffer.wrap(in));
  }

  @FuzzTest
  void server(byte[] in) {
    new Run(false).play(ByteBuffer.wrap(in));
  }

  private static final class Run implements YamuxOutput {
    private final YamuxSession session;

    /** What the application holds of each stream that it may still read. */
    private final Map<Integer, Integer> unread = new HashMap<>();

    /** Streams whose writing half this side has closed. */
    private final Map<Integer, Boolean> closed = new HashMap<>();

    private long now;
    private boolean failed;

    Run(boolean client) {
      session = new YamuxSession(client, LIMITS, UnpooledByteBufAllocator.DEFAULT, this, now);
    }

    void play(ByteBuffer script) {
      while (script.hasRemaining()) {
        step(script.get() & 0xff, script);
        check();
      }
    }

    private void step(int step, ByteBuffer script) {
      int stream = number(script);
      switch (step % 12) {
        case 0, 1 -> frame(stream, script, false);
        case 2 -> frame(stream, script, true);
        case 3 -> receive(take(script, stream));
        case 4 -> {
          if (session.openStream(now) instanceof Opening.Opened(int id)) {
            unread.put(id, 0);
          }
        }
        case 5 -> write(stream, number(script) << 9);
        case 6 -> consume(stream, number(script) << 10);
        case 7 -> {
          session.closeWrite(stream);
          closed.put(stream, true);
        }
        case 8 -> {
          session.reset(stream);
          unread.remove(stream);
        }
        case 9 -> {
          now += stream * SECOND / 8;
          session.tick(now);
        }
        case 10 -> session.ping(now);
        default -> session.goAway(stream == 0 ? GoAwayCode.INTERNAL_ERROR : GoAwayCode.NORMAL);
      }
    }

    private static int number(ByteBuffer script) {
      return script.hasRemaining() ? script.get() & 0xff : 0;
    }

    private static byte[] take(ByteBuffer script, int size) {
      byte[] out = new byte[Math.min(size, script.remaining())];
      script.get(out);
      return out;
    }

    /** A frame that is well-formed as far as the script does not make it otherwise. */
    private void frame(int stream, ByteBuffer script, boolean cut) {
      int type = number(script);
      int flags = number(script);
      int length = number(script) << (type >> 4);
      ByteBuffer frame = ByteBuffer.allocate(YamuxFrame.HEADER_BYTES);
      frame.put((byte) 0).put((byte) (type & 7)).putShort((short) flags);
      receive(frame.putInt(stream).putInt(length).array());
      if ((type & 7) == YamuxFrame.DATA && !cut) {
        receive(new byte[Math.clamp(length, 0, WINDOW)]);
      }
    }

    private void receive(byte[] bytes) {
      ByteBuf in = Unpooled.wrappedBuffer(bytes);
      session.receive(in, now);
      assertThat(in.isReadable()).isFalse();
      in.release();
    }

    private void write(int stream, int size) {
      if (!closed.containsKey(stream)) {
        ByteBuf data = Unpooled.wrappedBuffer(new byte[size]);
        int taken = session.write(stream, data);
        assertThat(taken).isBetween(YamuxSession.GONE, size);
        assertThat(data.readableBytes()).isEqualTo(size - Math.max(0, taken));
        data.release();
      }
    }

    private void consume(int stream, int size) {
      int have = unread.getOrDefault(stream, 0);
      int consumed = Math.min(have, size);
      if (consumed > 0) {
        unread.put(stream, have - consumed);
        session.consumed(stream, consumed, now);
      }
    }

    private void check() {
      int held = unread.values().stream().mapToInt(Integer::intValue).sum();
      assertThat(session.bufferedBytes()).isBetween(0L, LIMITS.maxBufferedBytes());
      assertThat(session.openStreams())
          .isBetween(0, LIMITS.maxInboundStreams() + LIMITS.maxOutboundStreams());
      assertThat(session.failure().isPresent()).isEqualTo(failed);
      if (failed) {
        assertThat(session.openStreams()).isZero();
        assertThat(session.bufferedBytes()).isZero();
      } else {
        assertThat((long) held).isLessThanOrEqualTo(session.bufferedBytes());
      }
    }

    @Override
    public void frame(ByteBuf frame) {
      assertThat(frame.readableBytes()).isGreaterThanOrEqualTo(YamuxFrame.HEADER_BYTES);
      byte[] header = new byte[YamuxFrame.HEADER_BYTES];
      frame.readBytes(header);
      YamuxFrame sent = YamuxFrame.read(ByteBuffer.wrap(header));
      assertThat(sent.version()).isZero();
      assertThat(sent.flags() & ~YamuxFrame.ALL_FLAGS).isZero();
      assertThat(frame.readableBytes()).as(Arrays.toString(header)).isEqualTo(sent.payloadBytes());
      assertThat(failed).isFalse();
      frame.release();
    }

    @Override
    public void opened(int stream) {
      assertThat(failed).isFalse();
      unread.put(stream, 0);
      closed.remove(stream);
    }

    @Override
    public void data(int stream, ByteBuf bytes) {
      assertThat(failed).isFalse();
      assertThat(unread).containsKey(stream);
      unread.merge(stream, bytes.readableBytes(), Integer::sum);
      bytes.release();
    }

    @Override
    public void writable(int stream) {
      assertThat(unread).containsKey(stream);
    }

    @Override
    public void remoteClosed(int stream) {
      assertThat(unread).containsKey(stream);
    }

    @Override
    public void reset(int stream) {
      assertThat(unread.remove(stream)).isNotNull();
    }

    @Override
    public void openable() {
      assertThat(failed).isFalse();
    }

    @Override
    public void remoteGoingAway() {
      assertThat(failed).isFalse();
    }

    @Override
    public void failed(YamuxFailure failure) {
      assertThat(failed).as("failed before").isFalse();
      failed = true;
      unread.clear();
    }
  }
}
