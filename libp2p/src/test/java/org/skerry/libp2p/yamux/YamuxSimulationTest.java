package org.skerry.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.libp2p.testing.LeakCheck;
import org.skerry.libp2p.yamux.Opening.Opened;

/** Two sessions, joined by byte pipes, under a random schedule; and one under random input. */
@ExtendWith(LeakCheck.class)
final class YamuxSimulationTest {
  private static final int STEPS = 4000;
  private static final int MAX_STREAM_BYTES = 1 << 20;

  private final UnpooledByteBufAllocator buffers = new UnpooledByteBufAllocator(false, true);

  /** What one side has done on one stream. */
  private static final class Ends {
    final int toSend;
    int sent;
    int received;
    boolean localClosed;
    boolean remoteClosed;
    boolean resetSeen;
    final Deque<ByteBuf> unread = new ArrayDeque<>();

    Ends(int toSend) {
      this.toSend = toSend;
    }
  }

  /** A driver without a network: what it sends waits in {@code pipe}. */
  private final class Side implements YamuxOutput {
    final Random random;
    final boolean client;
    final YamuxSession session;
    final Map<Integer, Ends> streams = new TreeMap<>();
    final ByteBuf pipe = Unpooled.buffer();
    @Nullable YamuxFailure failure;

    Side(boolean client, Random random) {
      this.client = client;
      this.random = random;
      this.session = new YamuxSession(client, YamuxLimits.DEFAULT, buffers, this, 0);
    }

    @Override
    public void frame(ByteBuf frame) {
      pipe.writeBytes(frame);
      frame.release();
    }

    @Override
    public void opened(int stream) {
      assertThat(streams.put(stream, new Ends(size()))).isNull();
    }

    @Override
    public void data(int stream, ByteBuf bytes) {
      Ends ends = ends(stream);
      assertThat(ends.remoteClosed).isFalse();
      byte[] expected = pattern(!client, stream, ends.received, bytes.readableBytes());
      assertThat(ByteBufUtil.getBytes(bytes)).isEqualTo(expected);
      ends.received += expected.length;
      ends.unread.add(bytes);
      if (random.nextInt(8) == 0) {
        consume(stream, 0);
      }
    }

    @Override
    public void writable(int stream) {
      if (random.nextBoolean()) {
        write(stream);
      }
    }

    @Override
    public void remoteClosed(int stream) {
      ends(stream).remoteClosed = true;
    }

    @Override
    public void reset(int stream) {
      Ends ends = ends(stream);
      ends.resetSeen = true;
      discard(ends);
    }

    @Override
    public void openable() {
      open();
    }

    @Override
    public void remoteGoingAway() {}

    @Override
    public void failed(YamuxFailure why) {
      failure = why;
    }

    private Ends ends(int stream) {
      Ends ends = streams.get(stream);
      assertThat(ends).as("stream %s", stream).isNotNull();
      return Objects.requireNonNull(ends);
    }

    int size() {
      return random.nextInt(4) == 0 ? random.nextInt(MAX_STREAM_BYTES) : random.nextInt(3000);
    }

    void open() {
      if (session.openStream(0) instanceof Opened(int stream)) {
        streams.put(stream, new Ends(size()));
      }
    }

    void write(int stream) {
      Ends ends = ends(stream);
      int size = Math.min(ends.toSend - ends.sent, 1 + random.nextInt(200_000));
      if (ends.localClosed || ends.resetSeen) {
        return;
      }
      if (size == 0) {
        ends.localClosed = true;
        session.closeWrite(stream);
        return;
      }
      byte[] bytes = pattern(client, stream, ends.sent, size);
      ByteBuf data = buffers.buffer(size).writeBytes(bytes);
      int before = ends.sent;
      ends.sent += size;
      int accepted = session.write(stream, data);
      ends.sent = before + Math.max(0, accepted);
      data.release();
    }

    void consume(int stream, long nowNanos) {
      ByteBuf bytes = ends(stream).unread.poll();
      if (bytes != null) {
        session.consumed(stream, bytes.readableBytes(), nowNanos);
        bytes.release();
      }
    }

    void resetLocally(int stream) {
      Ends ends = ends(stream);
      ends.resetSeen = true;
      discard(ends);
      session.reset(stream);
    }

    void deliverTo(Side other, int most, long nowNanos) {
      int size = Math.min(pipe.readableBytes(), most);
      ByteBuf piece = buffers.buffer(Math.max(1, size)).writeBytes(pipe, size);
      pipe.discardReadBytes();
      other.session.receive(piece, nowNanos);
      piece.release();
    }

    private void discard(Ends ends) {
      ends.unread.forEach(ByteBuf::release);
      ends.unread.clear();
    }

    boolean done() {
      return session.openStreams() == 0 && !pipe.isReadable();
    }
  }

  /** The bytes that the given side sends on a stream from {@code offset}. */
  private static byte[] pattern(boolean client, int stream, int offset, int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      int at = offset + i;
      bytes[i] = (byte) (at * 7 + (at >> 8) + stream * 31 + (client ? 1 : 0));
    }
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void deliversAllBytesInOrderUnderAnySchedule(long seed) {
    Random random = new Random(seed);
    boolean withResets = seed % 2 == 0;
    List<Side> sides = List.of(new Side(true, random), new Side(false, random));
    long nowNanos = 0;
    for (int step = 0; step < STEPS; step++) {
      int which = random.nextInt(2);
      Side side = sides.get(which);
      nowNanos += random.nextInt(1_000_000);
      switch (random.nextInt(12)) {
        case 0 -> side.session.tick(nowNanos);
        case 1 -> {
          if (step < STEPS / 2) {
            side.open();
          }
        }
        case 2 -> {
          if (withResets && !side.streams.isEmpty() && random.nextInt(8) == 0) {
            side.resetLocally(any(side, random));
          }
        }
        case 3, 4, 5 -> {
          if (!side.streams.isEmpty()) {
            side.write(any(side, random));
          }
        }
        case 6, 7, 8 -> {
          if (!side.streams.isEmpty()) {
            side.consume(any(side, random), nowNanos);
          }
        }
        default -> side.deliverTo(sides.get(1 - which), 1 + random.nextInt(100_000), nowNanos);
      }
    }
    for (int round = 0; round < 1000 && !sides.stream().allMatch(Side::done); round++) {
      nowNanos += 1_000_000;
      for (int which = 0; which < 2; which++) {
        Side side = sides.get(which);
        for (int stream : new ArrayList<>(side.streams.keySet())) {
          side.write(stream);
          while (!side.ends(stream).unread.isEmpty()) {
            side.consume(stream, nowNanos);
          }
        }
        side.deliverTo(sides.get(1 - which), Integer.MAX_VALUE, nowNanos);
      }
    }
    assertThat(sides).allSatisfy(side -> assertThat(side.failure).isNull());
    assertThat(sides).allMatch(Side::done, "closed and drained");
    assertThat(sides.getFirst().streams).hasSizeGreaterThan(20);
    for (Map.Entry<Integer, Ends> one : sides.getFirst().streams.entrySet()) {
      Ends here = one.getValue();
      Ends there = sides.getLast().streams.get(one.getKey());
      if (there != null && !here.resetSeen && !there.resetSeen) {
        assertThat(there.received).isEqualTo(here.toSend).isEqualTo(here.sent);
        assertThat(here.received).isEqualTo(there.toSend).isEqualTo(there.sent);
        assertThat(here.remoteClosed && there.remoteClosed).isTrue();
      } else {
        assertThat(withResets).isTrue();
      }
    }
    assertThat(sides).allSatisfy(side -> assertThat(side.session.bufferedBytes()).isZero());
    assertThat(buffers.metric().usedHeapMemory()).as("leaked bytes").isZero();
  }

  private static int any(Side side, Random random) {
    List<Integer> ids = new ArrayList<>(side.streams.keySet());
    return ids.get(random.nextInt(ids.size()));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void survivesRandomFrames(long seed) {
    Random random = new Random(seed);
    int failures = 0;
    for (int run = 0; run < 300; run++) {
      RecordingOutput out = new RecordingOutput();
      YamuxSession session =
          new YamuxSession(random.nextBoolean(), YamuxLimits.DEFAULT, buffers, out, 0);
      for (int i = 0; i < 200 && session.failure().isEmpty(); i++) {
        session.openStream(0);
        ByteBuf in = buffers.buffer(100);
        in.writeByte(random.nextInt(200) == 0 ? 1 : 0);
        in.writeByte(random.nextInt(random.nextInt(50) == 0 ? 256 : 3));
        in.writeShort(random.nextInt(random.nextInt(50) == 0 ? 65536 : 16));
        in.writeInt(random.nextInt(10) == 0 ? 0 : random.nextInt(random.nextInt(100) + 1));
        int size = random.nextInt(40);
        in.writeInt(random.nextInt(50) == 0 ? random.nextInt() : size);
        in.writeBytes(new byte[size]);
        session.receive(in, i);
        in.release();
      }
      if (session.failure().isPresent()) {
        failures++;
        assertThat(session.openStreams()).isZero();
        assertThat(session.bufferedBytes()).isZero();
        assertThat(out.events.stream().filter(e -> e.startsWith("failed"))).hasSize(1);
      }
    }
    assertThat(failures).isGreaterThan(100);
    assertThat(buffers.metric().usedHeapMemory()).as("leaked bytes").isZero();
  }
}
