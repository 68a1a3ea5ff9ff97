package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.testing.LeakCheck;

/** One connection without a socket; the remote's frames are written out in hex. */
@ExtendWith(LeakCheck.class)
class YamuxHandlerTest {
  private static final String OPEN_2 = "000100010000000200000000";
  private static final String ABC_ON_2 = "000000000000000200000003616263";
  private static final String FIN_2 = "000100040000000200000000";
  private static final String GO_AWAY = "000300000000000000000000";
  private static final String RST_2 = "000100080000000200000000";

  private final PrivateKey key = PrivateKey.ofSeed(new byte[32]);
  private final UnpooledByteBufAllocator buffers = new UnpooledByteBufAllocator(false, true);
  private final HostContext host =
      new HostContext(
          PeerId.of(key.publicKey()),
          Security.of(key, List.of(SecureProtocol.NOISE)),
          Optional.empty(),
          HostLimits.DEFAULT,
          new HostMetrics(),
          new Gate(new HostMetrics()),
          new BufferBudget(256 << 20, 64 << 20),
          new Leftovers(),
          connection -> events());
  private final List<MuxedStream> inbound = new ArrayList<>();
  private int closed;
  private boolean remoteReads = true;
  private final EmbeddedChannel channel = new EmbeddedChannel(new RemoteThatMayStopReading());
  private final YamuxHandler yamux = new YamuxHandler(host.self(), true, host);
  private final MuxedConnection connection =
      new MuxedConnection(channel, yamux, Multiaddr.parse("/ip4/10.0.0.1/tcp/1"), true);

  private final class RemoteThatMayStopReading extends ChannelOutboundHandlerAdapter {
    @Override
    public void flush(ChannelHandlerContext context) {
      if (remoteReads) {
        context.flush();
      }
    }
  }

  YamuxHandlerTest() {
    channel.config().setAllocator(buffers);
    yamux.events(events());
    channel.pipeline().addLast(yamux);
  }

  @AfterEach
  void everythingIsReleasedOnceTheHostIsClosed() {
    channel.finishAndReleaseAll();
    host.leftovers().close();
    assertThat(usedMemory()).as("bytes that nobody released").isZero();
    assertThat(host.budget().usedBytes()).isZero();
    assertThat(host.leftovers().size()).isZero();
    assertThat(closed).isEqualTo(1);
  }

  private ConnectionEvents events() {
    return new ConnectionEvents() {
      @Override
      public Connection connection() {
        throw new UnsupportedOperationException("there is none in this test");
      }

      @Override
      public void ready() {}

      @Override
      public void inbound(MuxedStream stream) {
        inbound.add(stream);
      }

      @Override
      public void closed() {
        closed++;
      }
    };
  }

  private void receive(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    channel.writeInbound(buffers.buffer(bytes.length).writeBytes(bytes));
    channel.runPendingTasks();
  }

  private MuxedStream received(String hex) {
    receive(hex);
    return inbound.getLast();
  }

  private static int read(MuxedStream stream, int size) throws Libp2pException {
    return stream.read(ByteBuffer.allocate(size));
  }

  private static void assertFails(Reason reason, MuxedStream stream) {
    assertThatThrownBy(() -> read(stream, 1))
        .isInstanceOfSatisfying(
            Libp2pException.class, e -> assertThat(e.reason()).as("%s", e).isEqualTo(reason));
  }

  @Test
  void letsAnAnswerBeReadAfterItsConnectionEnded() throws Exception {
    MuxedStream stream = received(OPEN_2 + ABC_ON_2 + FIN_2);
    channel.close();
    assertThat(host.leftovers().size()).isEqualTo(1);
    assertThat(read(stream, 2)).isEqualTo(2);
    assertThat(host.leftovers().size()).isEqualTo(1);
    assertThat(read(stream, 2)).isEqualTo(1);
    assertThat(host.leftovers().size()).isZero();
    assertThat(read(stream, 2)).isEqualTo(-1);
  }

  @Test
  void letsAnAnswerBeReadThatAResetFollowed() throws Exception {
    MuxedStream stream = received(OPEN_2 + ABC_ON_2 + RST_2);
    assertThat(host.leftovers().size()).isEqualTo(1);
    assertThat(read(stream, 10)).isEqualTo(3);
    assertFails(Reason.STREAM_RESET, stream);
  }

  @Test
  void dropsAnAnswerThatNobodyReadsForAMinuteAndSaysSo() {
    MuxedStream stream = received(OPEN_2 + ABC_ON_2 + FIN_2);
    channel.close();
    host.leftovers().expire(System.nanoTime());
    assertThat(host.budget().usedBytes()).isEqualTo(3);
    host.leftovers().expire(System.nanoTime() + Leftovers.KEEP_NANOS);
    assertThat(host.budget().usedBytes()).isZero();
    assertThat(usedMemory()).isZero();
    assertFails(Reason.CLOSED, stream); // and not the -1 of a complete answer
  }

  @Test
  void dropsWhatANewlyEndedStreamHoldsOnceTheHostIsClosed() {
    host.leftovers().close();
    MuxedStream stream = received(OPEN_2 + ABC_ON_2 + FIN_2);
    channel.close();
    assertThat(usedMemory()).isZero();
    assertFails(Reason.CLOSED, stream);
  }

  @Test
  void dropsWhatArrivedWhenTheConnectionBreaksInTheMiddle() {
    MuxedStream stream = received(OPEN_2 + ABC_ON_2);
    channel.close();
    assertThat(usedMemory()).isZero();
    assertFails(Reason.CLOSED, stream);
  }

  @Test
  void keepsHoldOfAStreamThatBothSidesClosedUntilItIsRead() throws Exception {
    MuxedStream stream = received(OPEN_2 + ABC_ON_2 + FIN_2);
    stream.closeWrite();
    channel.runPendingTasks();
    assertThat(host.leftovers().size()).as("the connection still has it").isZero();
    channel.close();
    assertThat(host.leftovers().size()).isEqualTo(1);
  }

  @Test
  void dropsUnreadBytesWithAStreamThatIsClosed() throws Exception {
    MuxedStream half = received(OPEN_2 + ABC_ON_2);
    half.close();
    MuxedStream whole = received("000000050000000400000003616263");
    whole.closeWrite();
    whole.close();
    MuxedStream gone = received("000000010000000600000003616263" + "000100080000000600000000");
    gone.close();
    channel.runPendingTasks();
    assertThat(host.budget().usedBytes()).isZero();
    channel.releaseOutbound();
    assertThat(usedMemory()).isZero();
  }

  private long usedMemory() {
    return buffers.metric().usedHeapMemory() + buffers.metric().usedDirectMemory();
  }

  @Test
  void dropsWhatWasWrittenAndNotSent() throws Exception {
    MuxedStream stream = received(OPEN_2);
    stream.write(ByteBuffer.allocate(300_000));
    channel.runPendingTasks(); // No other thread is the event loop, which makes room.
    stream.write(ByteBuffer.allocate(100_000)); // the window is shut: this waits
    channel.runPendingTasks();
    channel.releaseOutbound();
    assertThat(usedMemory()).isGreaterThan(100_000);
    channel.close();
    assertThat(usedMemory()).isZero();
  }

  @Test
  void aWriteWaitsForARemoteThatTakesALittleNowAndThen() throws Exception {
    Duration limit = Duration.ofSeconds(2);
    MuxedStream stream = received(OPEN_2);
    stream.timeout(limit);
    stream.write(ByteBuffer.allocate(256 << 10)); // the window
    channel.runPendingTasks();
    stream.write(ByteBuffer.allocate(MuxedStream.MAX_PENDING_BYTES));
    CompletableFuture<Void> written =
        CompletableFuture.runAsync(() -> {
          try {
            stream.write(ByteBuffer.allocate(10_000));
          } catch (Libp2pException e) {
            throw new CompletionException(e);
          }
        });
    await()
        .during(limit.plusSeconds(1))
        .atMost(Duration.ofMinutes(1))
        .until(() -> {
          receive("000100000000000200000001"); // a window of one byte
          return !written.isDone();
        });
    stream.reset();
    assertThatThrownBy(written::join)
        .hasRootCauseMessage("the stream to peer " + host.self().shortText() + " was reset");
  }

  @Test
  void releasesBytesForAStreamThatItHasReset() {
    MuxedStream stream = received(OPEN_2);
    stream.reset();
    receive(ABC_ON_2);
    receive("0000000000000002000000ff6162"); // a frame that never ends
    ByteBuf sent = channel.readOutbound();
    assertThat(sent).isEqualTo(Unpooled.wrappedBuffer(HexFormat.of().parseHex(RST_2)));
    sent.release();
    assertThat(usedMemory()).isZero();
  }

  @Test
  void keepsNoStreamThatOpenedJustAsItsCallerGaveUp() throws Exception {
    MuxedConnection.giveUp(yamux.open());
    channel.runPendingTasks();
    ByteBuf frames = Unpooled.buffer();
    while (channel.readOutbound() instanceof ByteBuf frame) {
      frames.writeBytes(frame);
      frame.release();
    }
    assertThat(ByteBufUtil.hexDump(frames))
        .isEqualTo("000100010000000100010000" + "000100080000000100000000");
    assertThat(connection.open(Duration.ofSeconds(1)).id()).isEqualTo(3);
  }

  @Test
  void takesNoStreamsOnceTheRemoteIsGoingAndClosesAfterTheLast() throws Exception {
    ConnectionTable table = new ConnectionTable(host.self(), host.limits().connections());
    table.add(connection);
    MuxedStream last = received(OPEN_2);
    assertThat(table.best(host.self())).containsSame(connection);
    receive(GO_AWAY);
    assertThat(connection.isOpen()).isTrue();
    assertThat(table.best(host.self())).as("new streams need a new connection").isEmpty();
    assertThatThrownBy(() -> connection.open(Duration.ofSeconds(1)))
        .isInstanceOfSatisfying(
            Libp2pException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CLOSED));
    last.write(ByteBuffer.allocate(1));
    receive(FIN_2);
    assertThat(connection.isOpen()).isTrue();
    last.close();
    channel.runPendingTasks();
    assertThat(connection.isOpen()).isFalse();
  }

  @Test
  void tellsThoseWhoWaitForRoomThatTheRemoteIsGoing() {
    received(OPEN_2);
    for (int i = 0; i < 256; i++) {
      assertThat(yamux.open()).isCompleted();
    }
    var waiting = yamux.open();
    assertThat(waiting).isNotDone();
    receive(GO_AWAY);
    assertThat(waiting).isCompletedExceptionally();
  }

  @Test
  void givesUpARemoteThatProvokesAnswersAndNeverReadsThem() {
    remoteReads = false;
    for (int id = 2; channel.isOpen() && id < 2_000_000; id += 2) {
      receive(String.format("00010001%08x00000000", id)); // it opens a stream, which is refused
      inbound.removeLast().reset();
    }
    assertThat(channel.isOpen()).isFalse();
    assertThat(host.metrics().value(HostMetrics.Refusal.WRITE_STALLED)).isEqualTo(1);
  }

  @Test
  void boundsAllTheReadsOfANegotiationTogether() throws Exception {
    MuxedStream stream = received(OPEN_2 + ABC_ON_2);
    stream.deadline(Duration.ofMillis(20));
    assertThat(read(stream, 3)).isEqualTo(3);
    assertFails(Reason.TIMEOUT, stream);
    receive(ABC_ON_2);
    stream.noDeadline();
    assertThat(read(stream, 3)).isEqualTo(3);
  }
}
