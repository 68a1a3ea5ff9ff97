package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.ping.Ping;

/** Bytes over streams, and the ends of streams. */
@ParameterizedClass
@EnumSource(Wire.class)
class HostStreamsIT extends HostFixture {
  private final Wire wire;

  HostStreamsIT(Wire wire) {
    this.wire = wire;
    connectBy(wire);
  }

  @Test
  @Timeout(240)
  void echoesMebibytesUnchanged() throws Exception {
    // Every datagram is a buffer, and buffers cost much where each of them is watched.
    int size = wire == Wire.QUIC ? 8 << 20 : 64 << 20;
    bob.handle(ECHO, HostFixture::echo);
    MessageDigest sent = MessageDigest.getInstance("SHA-256");
    MessageDigest received = MessageDigest.getInstance("SHA-256");
    try (Stream stream = alice.open(bob.peerId(), List.of(ECHO), LIMIT)) {
      Future<?> writing =
          async(() -> {
            Random random = new Random(9);
            byte[] piece = new byte[100_000];
            for (int left = size; left > 0; left -= piece.length) {
              random.nextBytes(piece);
              ByteBuffer next = ByteBuffer.wrap(piece, 0, Math.min(left, piece.length));
              sent.update(next.duplicate());
              stream.write(next);
            }
            stream.closeWrite();
            return 0;
          });
      ByteBuffer buffer = ByteBuffer.allocate(50_000);
      long total = 0;
      while (stream.read(buffer.clear()) >= 0) {
        total += buffer.position();
        received.update(buffer.flip());
      }
      writing.get();
      assertThat(total).isEqualTo(size);
      assertThat(received.digest()).isEqualTo(sent.digest());
    }
    assertThat(alice.bufferedBytes()).isZero();
    assertThat(bob.bufferedBytes()).isZero();
  }

  @Test
  void blocksTheWriterOfASlowReaderWithoutGrowingMemory() throws Exception {
    CountDownLatch mayRead = new CountDownLatch(1);
    CompletableFuture<Integer> total = new CompletableFuture<>();
    bob.handle(
        "/slow",
        stream -> {
          uninterrupted(mayRead);
          ByteBuffer buffer = ByteBuffer.allocate(100_000);
          int size = 0;
          while (stream.read(buffer.clear()) >= 0) {
            size += buffer.position();
          }
          total.complete(size);
        });
    Stream stream = alice.open(bob.peerId(), List.of("/slow"), LIMIT);
    stream.timeout(Duration.ofMillis(300));
    ByteBuffer data = ByteBuffer.allocate(20 << 20);
    assertFails(Reason.TIMEOUT, () -> stream.write(data));
    int first = data.position();
    // QUIC keeps a window of its own, and reads a piece only when the whole of it has room.
    boolean isQuic = wire == Wire.QUIC;
    assertThat(bob.bufferedBytes()).isBetween((isQuic ? 192L : 255L) << 10, 256L << 10);
    assertThat(first)
        .isBetween(
            isQuic ? 640 << 10 : 511 << 10,
            ((isQuic ? 512 : 256) << 10) + MuxedStream.MAX_PENDING_BYTES);
    mayRead.countDown();
    stream.timeout(LIMIT);
    stream.write(data);
    stream.close();
    assertThat(total.get(10, TimeUnit.SECONDS)).isEqualTo(20 << 20);
    assertThat(bob.bufferedBytes()).isZero();
  }

  @Test
  @Timeout(240)
  void carries1000StreamsAtOnce() throws Exception {
    Duration patience = Duration.ofSeconds(120);
    HostLimits patient = HostLimits.DEFAULT.withTimeouts(patience, patience);
    TcpHost carol = host(patient);
    TcpHost dave = host(patient);
    carol.addAddresses(dave.peerId(), dave.listenAddresses());
    CountDownLatch all = new CountDownLatch(1000);
    dave.handle(
        ECHO,
        stream -> {
          all.countDown();
          uninterrupted(all); // so that all of them are open together
          echo(stream);
        });
    List<Future<byte[]>> answers = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      byte[] message = new byte[1 + i];
      new Random(i).nextBytes(message);
      answers.add(
          async(() -> {
            try (Stream stream = carol.open(dave.peerId(), List.of(ECHO), patience)) {
              stream.timeout(patience);
              stream.writeMessage(message);
              return stream.readMessage(message.length);
            }
          }));
    }
    for (int i = 0; i < 1000; i++) {
      byte[] message = new byte[1 + i];
      new Random(i).nextBytes(message);
      assertThat(answers.get(i).get()).isEqualTo(message);
    }
    assertThat(carol.connections()).hasSize(1);
    assertThat(dave.connections()).hasSize(1);
  }

  @Test
  void readsOnAfterClosingItsWritingHalf() throws Exception {
    bob.handle(
        "/sum",
        stream -> {
          int sum = 0;
          ByteBuffer buffer = ByteBuffer.allocate(100);
          while (stream.read(buffer.clear()) >= 0) {
            buffer.flip();
            while (buffer.hasRemaining()) {
              sum += buffer.get();
            }
          }
          stream.write(ByteBuffer.allocate(4).putInt(sum).flip());
        });
    try (Stream stream = alice.open(bob.peerId(), List.of("/sum"), LIMIT)) {
      stream.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
      stream.closeWrite();
      assertFails(Reason.CLOSED, () -> stream.write(ByteBuffer.wrap(new byte[1])));
      assertThat(ByteBuffer.wrap(stream.readFully(4)).getInt()).isEqualTo(6);
      assertThat(stream.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }
  }

  @Test
  void tellsTheOtherSideOfAReset() throws Exception {
    CompletableFuture<Reason> seen = new CompletableFuture<>();
    bob.handle(
        "/wait",
        stream -> {
          try {
            stream.write(ByteBuffer.allocate(1));
            stream.read(ByteBuffer.allocate(1));
          } catch (Libp2pException e) {
            seen.complete(e.reason());
            throw e;
          }
        });
    Stream stream = alice.open(bob.peerId(), List.of("/wait"), LIMIT);
    stream.readFully(1); // or the reset overtakes the proposal, and no handler hears of it
    stream.reset();
    assertThat(seen.get(5, TimeUnit.SECONDS)).isEqualTo(Reason.STREAM_RESET);
    assertFails(Reason.STREAM_RESET, () -> stream.read(ByteBuffer.allocate(1)));
    assertFails(Reason.STREAM_RESET, () -> stream.write(ByteBuffer.allocate(1)));
  }

  @Test
  void resetsWhenItsHandlerThrows() throws Exception {
    bob.handle(
        "/throws",
        stream -> {
          throw new IllegalStateException("on purpose");
        });
    // The reset may overtake the answer to the proposal.
    assertFails(
        Reason.STREAM_RESET,
        () -> alice.open(bob.peerId(), List.of("/throws"), LIMIT).read(ByteBuffer.allocate(1)));
    await().until(() -> bob.metrics().value(HostMetrics.Refusal.HANDLER_FAILED) == 1);
  }

  @Test
  void resetsAStreamThatIsClosedWithDataUnread() throws Exception {
    bob.handle("/close", stream -> stream.readFully(1));
    Stream stream = alice.open(bob.peerId(), List.of("/close"), LIMIT);
    stream.write(ByteBuffer.allocate(1000));
    assertFails(
        Reason.STREAM_RESET,
        () -> {
          while (true) {
            stream.read(ByteBuffer.allocate(1));
            stream.write(ByteBuffer.allocate(1000));
          }
        });
  }

  @Test
  void failsBlockedReadersAndWritersWhenTheConnectionCloses() throws Exception {
    bob.handle("/silent", stream -> stream.read(ByteBuffer.allocate(1)));
    bob.handle("/full", stream -> uninterrupted(new CountDownLatch(1)));
    Stream silent = alice.open(bob.peerId(), List.of("/silent"), LIMIT);
    Stream full = alice.open(bob.peerId(), List.of("/full"), LIMIT);
    Future<Integer> reading = async(() -> silent.read(ByteBuffer.allocate(1)));
    Future<Integer> writing =
        async(() -> {
          full.write(ByteBuffer.allocate(1 << 20));
          return 0;
        });
    CompletableFuture<PeerId> gone = new CompletableFuture<>();
    alice.addListener(
        new Host.Listener() {
          @Override
          public void disconnected(Connection connection) {
            gone.complete(connection.remotePeer());
          }
        });
    await().until(() -> bob.bufferedBytes() > 100_000);
    bob.connections().getFirst().close();
    assertEndsWith(Reason.CLOSED, reading);
    assertEndsWith(Reason.CLOSED, writing);
    assertThat(gone.get(5, TimeUnit.SECONDS)).isEqualTo(bob.peerId());
    assertThat(alice.connections()).isEmpty();
  }

  @Test
  void timesOutANegotiationThatTrickles() throws Exception {
    TcpHost strict =
        host(HostLimits.DEFAULT.withTimeouts(Duration.ofSeconds(5), Duration.ofMillis(400)));
    alice.connect(full(strict), LIMIT);
    MuxedStream raw = alice.table().best(strict.peerId()).orElseThrow().open(LIMIT);
    ByteBuffer bytes = ByteBuffer.allocate(1000).put((byte) 0xe6).put((byte) 0x07).rewind();
    await()
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> {
          if (raw.isOver()) {
            return true;
          }
          try {
            raw.write(bytes.slice(bytes.position(), 1));
          } catch (Libp2pException e) {
            return e.reason() == Reason.STREAM_RESET;
          }
          bytes.position(bytes.position() + 1);
          return false;
        });
    assertThat(strict.metrics().value(HostMetrics.Refusal.STREAM_NEGOTIATION)).isEqualTo(1);
  }

  @Test
  void resetsStreamsBeyondTheHostsBufferBudget() throws Exception {
    TcpHost small = host(HostLimits.DEFAULT.withBuffers(64L << 20, 300_000));
    small.handle("/full", stream -> uninterrupted(new CountDownLatch(1)));
    alice.connect(full(small), LIMIT);
    List<Stream> streams = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      streams.add(alice.open(small.peerId(), List.of("/full"), LIMIT));
      streams.get(i).write(ByteBuffer.allocate(200_000));
    }
    await().until(() -> small.metrics().value(HostMetrics.Refusal.BUFFERED_BYTES) >= 1);
    assertThat(small.bufferedBytes()).isLessThanOrEqualTo(300_000);
    assertThat(Ping.measure(alice, small.peerId(), LIMIT)).as("the rest goes on").isPositive();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void holdsNothingOnceClosedInTheMiddleOfEverything(long seed) throws Exception {
    Random random = new Random(seed);
    bob.handle(ECHO, HostFixture::echo);
    bob.handle("/drops", stream -> stream.write(ByteBuffer.allocate(300_000)));
    for (int i = 0; i < 20; i++) {
      String protocol = random.nextBoolean() ? ECHO : "/drops";
      int size = random.nextInt(500_000);
      boolean half = random.nextBoolean();
      async(() -> { // and never closes its stream
        Stream stream = alice.open(bob.peerId(), List.of(protocol), LIMIT);
        stream.write(ByteBuffer.allocate(size));
        if (half) {
          stream.closeWrite();
        }
        return stream.read(ByteBuffer.allocate(1 + size / 2));
      });
    }
    int enough = random.nextInt(200_000);
    await().until(() -> bob.metrics().value(HostMetrics.BYTES_RECEIVED) >= enough);
    List<TcpHost> both = random.nextBoolean() ? List.of(alice, bob) : List.of(bob, alice);
    both.forEach(TcpHost::close);
    // A reader may still be at the bytes that it has taken.
    await().until(() -> alice.bufferedBytes() + bob.bufferedBytes() == 0);
    assertThat(alice.context().leftovers().size()).isZero();
    assertThat(bob.context().leftovers().size()).isZero();
  }
}
