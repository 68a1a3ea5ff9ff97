package org.skerry.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.libp2p.testing.LeakCheck;
import org.skerry.libp2p.yamux.Opening.Opened;
import org.skerry.libp2p.yamux.Opening.Refusal;
import org.skerry.libp2p.yamux.Opening.Refused;

@ExtendWith(LeakCheck.class)
final class YamuxSessionTest {
  private static final int WINDOW = YamuxFrame.INITIAL_WINDOW_BYTES;
  private static final long MS = 1_000_000;
  private static final String GO_AWAY_PROTOCOL_ERROR = "000300000000000000000001";

  private final RecordingOutput out = new RecordingOutput();
  private YamuxSession session = session(true, YamuxLimits.DEFAULT);

  private YamuxSession session(boolean client, YamuxLimits limits) {
    return new YamuxSession(client, limits, UnpooledByteBufAllocator.DEFAULT, out, 0);
  }

  private static YamuxLimits limits(int inbound, int outbound, int unacked, long bufferedBytes) {
    YamuxLimits d = YamuxLimits.DEFAULT;
    return new YamuxLimits(
        inbound,
        outbound,
        unacked,
        d.maxWindowBytes(),
        bufferedBytes,
        d.maxFrameBytes(),
        d.controlFramesPerSecond(),
        d.keepAliveNanos(),
        d.deadAfterNanos());
  }

  private void receive(String hex) {
    receiveAt(0, hex);
  }

  private void receiveAt(long nowNanos, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    session.receive(Unpooled.wrappedBuffer(bytes), nowNanos);
  }

  private static String header(int type, int flags, int stream, long length) {
    return String.format("00%02x%04x%08x%08x", type, flags, stream, length);
  }

  private void receiveData(int stream, int size) {
    session.receive(
        Unpooled.wrappedBuffer(HexFormat.of().parseHex(header(0, 0, stream, size)), new byte[size]),
        0);
  }

  private int open() {
    Opening opening = session.openStream(0);
    assertThat(opening).isInstanceOf(Opened.class);
    return ((Opened) opening).stream();
  }

  private int write(int stream, int size) {
    ByteBuf data = Unpooled.wrappedBuffer(new byte[size]);
    int written = session.write(stream, data);
    data.release();
    return written;
  }

  @Test
  void sendsEveryFrameOfAnOutboundStreamByteForByte() {
    int stream = open();
    assertThat(stream).isEqualTo(1);
    assertThat(session.write(stream, Unpooled.wrappedBuffer(new byte[] {'h', 'i'}))).isEqualTo(2);
    session.closeWrite(stream);
    session.closeWrite(stream);
    session.ping(0);
    session.goAway(GoAwayCode.NORMAL);

    assertThat(out.takeFrames())
        .containsExactly(
            "000100010000000100000000",
            "000000000000000100000002" + "6869",
            "000100040000000100000000",
            "000200010000000000000001",
            "000300000000000000000000");
  }

  @Test
  void acknowledgesAnInboundStreamWithItsFirstData() {
    receive("0001 0001 00000002 00000000");
    assertThat(out.takeEvents()).containsExactly("opened 2");
    assertThat(out.takeFrames()).isEmpty();
    assertThat(write(2, 1)).isEqualTo(1);
    assertThat(write(2, 1)).isEqualTo(1);
    assertThat(out.takeFrames())
        .containsExactly("00000002000000020000000100", "00000000000000020000000100");
  }

  @Test
  void sendsAckAndFinInTwoFrames() {
    receive("0001 0001 00000002 00000000");
    session.closeWrite(2);
    assertThat(out.takeFrames())
        .containsExactly("000100020000000200000000", "000100040000000200000000");
  }

  @Test
  void handlesAllFlagsOfOneFrameInOrder() {
    receive("0000 0005 00000002 00000003 616263");
    assertThat(out.takeEvents()).containsExactly("opened 2", "data 2 616263", "remoteClosed 2");
  }

  @Test
  void opensTheWindowWithTheSyn() {
    receive("0001 0001 00000002 00000005");
    assertThat(write(2, WINDOW + 10)).isEqualTo(WINDOW + 5);
  }

  @Test
  void answersAPingWithItsValue() {
    receive("0002 0001 00000000 deadbeef");
    assertThat(out.takeFrames()).containsExactly("0002000200000000deadbeef");
  }

  @Test
  void measuresTheRoundTrip() {
    session.tick(0);
    session.tick(1);
    assertThat(out.takeFrames()).containsExactly("000200010000000000000001");
    receiveAt(2 * MS, "0002 0002 00000000 00000007");
    assertThat(session.rttNanos()).isEmpty();
    receiveAt(3 * MS, "0002 0002 00000000 00000001");
    assertThat(session.rttNanos()).hasValue(3 * MS);
  }

  @Test
  void failsWhenNothingAnswersAKeepAlive() {
    YamuxLimits d = YamuxLimits.DEFAULT;
    session.tick(0);
    receiveAt(0, "0002 0002 00000000 00000001");
    session.tick(d.keepAliveNanos() - 1);
    assertThat(out.takeFrames()).hasSize(1);
    session.tick(d.keepAliveNanos());
    assertThat(out.takeFrames()).containsExactly("000200010000000000000002");
    session.tick(d.keepAliveNanos() + d.deadAfterNanos() - 1);
    assertThat(out.takeEvents()).isEmpty();
    session.tick(d.keepAliveNanos() + d.deadAfterNanos());
    assertThat(out.takeEvents()).containsExactly("failed KEEP_ALIVE_TIMEOUT INTERNAL_ERROR");
  }

  @Test
  void writesNoMoreThanTheSendWindowUntilItOpens() {
    int stream = open();
    assertThat(write(stream, WINDOW + 1)).isEqualTo(WINDOW);
    assertThat(write(stream, 1)).isZero();
    receive("0001 0002 00000001 00000000");
    assertThat(out.takeEvents()).isEmpty();
    receive("0001 0000 00000001 00000003");
    assertThat(out.takeEvents()).containsExactly("writable 1");
    assertThat(write(stream, 5)).isEqualTo(3);
  }

  @Test
  void splitsAWriteIntoFramesThatFitOneNoiseMessage() {
    int stream = open();
    out.takeFrames();
    write(stream, YamuxSession.MAX_PAYLOAD_BYTES + 1);
    assertThat(out.takeFrames())
        .extracting(frame -> frame.length() / 2)
        .containsExactly(65_519, YamuxFrame.HEADER_BYTES + 1);
  }

  @Test
  void refillsTheReceiveWindowOnConsumptionOnly() {
    receive("0001 0001 00000002 00000000");
    receiveData(2, WINDOW);
    assertThat(out.takeFrames()).isEmpty();
    session.consumed(2, WINDOW / 2 - 1, 0);
    assertThat(out.takeFrames()).isEmpty();
    session.consumed(2, 1, 0);
    assertThat(out.takeFrames()).containsExactly(header(1, 2, 2, WINDOW / 2));
    assertThat(session.bufferedBytes()).isEqualTo(WINDOW / 2);
    receiveData(2, WINDOW / 2);
    assertThat(session.failure()).isEmpty();
    receiveData(2, 1);
    assertThat(out.takeEvents()).contains("failed WINDOW_EXCEEDED PROTOCOL_ERROR");
  }

  @Test
  void countsAFramesWholeLengthBeforeItsPayloadHasCome() {
    receive("0001 0001 00000002 00000000");
    receive(header(0, 0, 2, WINDOW) + "00".repeat(WINDOW / 2));
    session.consumed(2, WINDOW / 2, 0);
    assertThat(out.takeFrames()).containsExactly(header(1, 2, 2, WINDOW / 2));
  }

  @Test
  void doublesTheWindowOfAStreamThatTheRoundTripLimits() {
    session.ping(0);
    receiveAt(10 * MS, "0002 0002 00000000 00000001");
    receive("0001 0001 00000002 00000000");
    out.takeFrames();
    receiveData(2, WINDOW / 2);
    session.consumed(2, WINDOW / 2, 39 * MS);
    assertThat(out.takeFrames()).containsExactly(header(1, 2, 2, WINDOW + WINDOW / 2));
    receiveData(2, WINDOW);
    session.consumed(2, WINDOW, 80 * MS);
    assertThat(out.takeFrames()).containsExactly(header(1, 0, 2, WINDOW));
  }

  @Test
  void growsWindowsOnlyWithinTheBufferBudget() {
    session = session(true, limits(10, 10, 10, 2L * WINDOW));
    session.ping(0);
    receiveAt(10 * MS, "0002 0002 00000000 00000001");
    receive("0001 0001 00000002 00000000 0001 0001 00000004 00000000");
    out.takeFrames();
    for (int stream = 2; stream <= 4; stream += 2) {
      receiveData(stream, WINDOW / 2);
      session.consumed(stream, WINDOW / 2, 0);
    }
    assertThat(out.takeFrames())
        .containsExactly(header(1, 2, 2, WINDOW + WINDOW / 2), header(1, 2, 4, WINDOW / 2));
    session.reset(2);
    out.takeFrames();
    receiveData(4, WINDOW / 2);
    session.consumed(4, WINDOW / 2, 0);
    assertThat(out.takeFrames()).containsExactly(header(1, 0, 4, WINDOW + WINDOW / 2));
  }

  @Test
  void neverGrowsAWindowBeyondItsLimit() {
    session.ping(0);
    receiveAt(10 * MS, "0002 0002 00000000 00000001");
    receive("0001 0001 00000002 00000000");
    for (int i = 0; i < 200; i++) {
      receiveData(2, WINDOW / 2);
      session.consumed(2, WINDOW / 2, 0);
    }
    long granted =
        out.takeFrames().stream().skip(1).mapToLong(f -> Long.parseLong(f.substring(16), 16)).sum();
    assertThat(granted + WINDOW - 200L * (WINDOW / 2)).isLessThanOrEqualTo(16 << 20).isPositive();
  }

  @Test
  void forgetsAStreamWhenBothSidesClosedAndAllIsConsumed() {
    int stream = open();
    receive("0000 0002 00000001 00000002 6869" + "0001 0004 00000001 00000000");
    session.closeWrite(stream);
    assertThat(session.openStreams()).isEqualTo(1);
    session.consumed(stream, 2, 0);
    assertThat(session.openStreams()).isZero();
    assertThat(write(stream, 1)).isEqualTo(YamuxSession.GONE);
    assertThat(session.bufferedBytes()).isZero();
  }

  @Test
  void acceptsFramesThatCrossedTheEndOfAStream() {
    int stream = open();
    session.closeWrite(stream);
    receive("0001 0000 00000001 00000100"); // late window update after our FIN
    receive("0001 0004 00000001 00000000");
    receive("0001 0000 00000001 00000100"); // and after the stream is gone
    int second = open();
    session.reset(second);
    receive("0000 0000 00000003 00000002 6869");
    receive("0001 0008 00000003 00000000");
    assertThat(session.failure()).isEmpty();
    assertThat(out.takeEvents()).containsExactly("remoteClosed 1");
    assertThat(session.bufferedBytes()).isZero();
  }

  @Test
  void dropsTheRestOfAFrameWhenItsStreamIsReset() {
    receive("0001 0001 00000002 00000000" + "0000 0004 00000002 00000003 61");
    session.reset(2);
    receive("6263" + "0002 0001 00000000 00000009");
    assertThat(out.takeEvents()).containsExactly("opened 2", "data 2 61");
    assertThat(out.takeFrames())
        .containsExactly("000100080000000200000000", "000200020000000000000009");
    assertThat(session.bufferedBytes()).isZero();
  }

  @Test
  void tellsOfARemoteResetAndForgetsUnreadBytes() {
    receive("0000 0001 00000002 00000002 6869" + "0001 0008 00000002 00000000");
    assertThat(out.takeEvents()).containsExactly("opened 2", "data 2 6869", "reset 2");
    assertThat(session.bufferedBytes()).isZero();
    session.consumed(2, 2, 0);
    session.closeWrite(2);
    session.reset(2);
    assertThat(out.takeFrames()).isEmpty();
  }

  @Test
  void refusesToWriteAfterClosingTheWritingHalf() {
    int stream = open();
    session.closeWrite(stream);
    assertThatThrownBy(() -> write(stream, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("stream 1");
  }

  @Test
  void refusesToConsumeMoreThanArrived() {
    receive("0000 0001 00000002 00000002 6869");
    assertThatThrownBy(() -> session.consumed(2, 3, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("consumed 3 of 2");
  }

  @Test
  void waitsForAcksWhenTheBacklogIsFull() {
    for (int i = 0; i < 256; i++) {
      open();
    }
    assertThat(session.openStream(0)).isEqualTo(new Refused(Refusal.ACK_BACKLOG_FULL));
    receive("0001 0002 00000001 00000000" + "0001 0002 00000001 00000000");
    assertThat(out.takeEvents()).containsExactly("openable");
    open();
    assertThat(session.openStream(0)).isEqualTo(new Refused(Refusal.ACK_BACKLOG_FULL));
    session.reset(3);
    assertThat(out.takeEvents()).containsExactly("openable");
  }

  @Test
  void limitsOutboundStreams() {
    session = session(false, limits(0, 1, 256, WINDOW));
    assertThat(open()).isEqualTo(2);
    assertThat(session.openStream(0)).isEqualTo(new Refused(Refusal.TOO_MANY_STREAMS));
    receive("0001 0002 00000002 00000000");
    assertThat(session.openStream(0)).isEqualTo(new Refused(Refusal.TOO_MANY_STREAMS));
    out.takeEvents();
    receive("0001 0008 00000002 00000000");
    assertThat(out.takeEvents()).containsExactly("reset 2", "openable");
    assertThat(open()).isEqualTo(4);
  }

  @Test
  void resetsInboundStreamsAboveTheLimit() {
    session = session(true, limits(1, 1, 1, WINDOW));
    receive("0001 0001 00000002 00000000" + "0000 0001 00000004 00000002 6869");
    assertThat(out.takeEvents()).containsExactly("opened 2");
    assertThat(out.takeFrames()).containsExactly("000100080000000400000000");
    receive("0001 0008 00000002 00000000" + "0001 0001 00000006 00000000");
    assertThat(out.takeEvents()).containsExactly("reset 2", "opened 6");
  }

  @Test
  void opensNoStreamsWhenEitherSideGoesAway() {
    int stream = open();
    receive("0003 0000 00000000 00000000");
    assertThat(out.takeEvents()).containsExactly("remoteGoingAway");
    assertThat(session.openStream(0)).isEqualTo(new Refused(Refusal.GOING_AWAY));
    assertThat(write(stream, 1)).isEqualTo(1);

    session = session(true, YamuxLimits.DEFAULT);
    session.goAway(GoAwayCode.NORMAL);
    out.takeFrames();
    receive("0001 0001 00000002 00000000");
    assertThat(out.takeFrames()).containsExactly("000100080000000200000000");
    assertThat(session.openStream(0)).isEqualTo(new Refused(Refusal.GOING_AWAY));
  }

  @Test
  void failsWhenTheRemoteGoesAwayWithAnError() {
    int stream = open();
    out.takeFrames();
    receive("0003 0000 00000000 00000002");
    assertThat(out.takeEvents()).containsExactly("failed REMOTE_GO_AWAY INTERNAL_ERROR");
    assertThat(out.takeFrames()).isEmpty();
    assertThat(write(stream, 1)).isEqualTo(YamuxSession.GONE);
  }

  @Test
  void saysGoAwayWithAnErrorOnce() {
    session.goAway(GoAwayCode.INTERNAL_ERROR);
    session.goAway(GoAwayCode.INTERNAL_ERROR);
    session.ping(0);
    session.tick(0);
    assertThat(out.takeFrames()).containsExactly("000300000000000000000002");
    assertThat(out.takeEvents()).containsExactly("failed LOCAL_GO_AWAY INTERNAL_ERROR");
  }

  @ParameterizedTest
  @CsvSource({
    "BAD_VERSION, 0100 0001 00000002 00000000",
    "BAD_TYPE, 0004 0001 00000002 00000000",
    "BAD_FLAGS, 0001 0010 00000002 00000000",
    "BAD_STREAM_ID, 0000 0001 00000000 00000000",
    "BAD_STREAM_ID, 0001 0000 00000000 00000000",
    "BAD_STREAM_ID, 0002 0001 00000002 00000000",
    "BAD_STREAM_ID, 0003 0000 00000001 00000000",
    "WRONG_PARITY, 0001 0001 00000003 00000000",
    "DUPLICATE_SYN, 0001 0001 00000002 00000000 0001 0001 00000002 00000000",
    "UNKNOWN_STREAM, 0001 0000 00000001 00000000",
    "UNKNOWN_STREAM, 0000 0000 00000002 00000000",
    "UNKNOWN_STREAM, 0001 0008 fffffffe 00000000",
    "DATA_AFTER_FIN, 0001 0005 00000002 00000000 0000 0000 00000002 00000001",
    "FRAME_TOO_LONG, 0000 0001 00000002 ffffffff",
    "FRAME_TOO_LONG, 0000 0001 00000002 01000001",
    "WINDOW_EXCEEDED, 0000 0001 00000002 00040001",
    "WINDOW_OVERFLOW, 0001 0001 00000002 ffffffff",
  })
  void endsTheSessionAtAViolation(YamuxFailure.Reason reason, String hex) {
    receive(hex + "0002 0001 00000000 00000001");
    assertThat(out.takeEvents()).endsWith("failed " + reason + " PROTOCOL_ERROR");
    assertThat(out.takeFrames()).containsExactly(GO_AWAY_PROTOCOL_ERROR);
    assertThat(session.failure()).hasValueSatisfying(f -> assertThat(f.reason()).isEqualTo(reason));
    receive("0001 0001 00000006 00000000");
    assertThat(out.takeEvents()).isEmpty();
    assertThat(out.takeFrames()).isEmpty();
  }

  @Test
  void endsTheSessionWhenUnreadBytesPassTheirLimit() {
    session = session(true, limits(10, 10, 10, WINDOW + 1));
    receive("0001 0001 00000002 00000000 0001 0001 00000004 00000000");
    receiveData(2, WINDOW);
    receiveData(4, 1);
    assertThat(session.failure()).isEmpty();
    receiveData(4, 1);
    assertThat(out.takeEvents()).endsWith("failed BUFFER_FULL PROTOCOL_ERROR");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0002 0001 00000000 00000001",
        "0001 0001 00000002 00000000 0001 0008 00000002 00000000"
      })
  void endsTheSessionAtAFloodOfFramesThatCostNoWindow(String hex) {
    int perSecond = YamuxLimits.DEFAULT.controlFramesPerSecond();
    for (int i = 0; i < perSecond; i++) {
      receive(hex);
    }
    receiveAt(1_000_000_000, hex);
    assertThat(session.failure()).isEmpty();
    for (int i = 0; i < perSecond; i++) {
      receiveAt(1_000_000_000, hex);
    }
    assertThat(out.takeEvents()).endsWith("failed CONTROL_FLOOD PROTOCOL_ERROR");
  }

  @Test
  void savesUpNoMoreThanOneSecondOfControlFrames() {
    int perSecond = YamuxLimits.DEFAULT.controlFramesPerSecond();
    for (int i = 0; i <= perSecond; i++) {
      receiveAt(60_000_000_000L, "0002 0001 00000000 00000001");
    }
    assertThat(out.takeEvents()).containsExactly("failed CONTROL_FLOOD PROTOCOL_ERROR");
  }

  @Test
  void takesAnyFrameAsASignOfLife() {
    long dead = YamuxLimits.DEFAULT.deadAfterNanos();
    session.tick(0);
    receiveAt(dead - 1, "0001 0001 00000002 00000000");
    session.tick(dead);
    assertThat(session.failure()).isEmpty();
    session.tick(2 * dead);
    assertThat(session.failure()).isPresent();
  }

  @Test
  void tellsOfTheRemotesEndOnce() {
    receive("0001 0005 00000002 00000000" + "0001 0004 00000002 00000000");
    assertThat(out.takeEvents()).containsExactly("opened 2", "remoteClosed 2");
  }

  @Test
  void stopsAWriteWhoseStreamEndsWithinIt() {
    YamuxSession[] ending = new YamuxSession[1];
    RecordingOutput resets =
        new RecordingOutput() {
          @Override
          public void frame(ByteBuf frame) {
            boolean data = frame.getByte(1) == YamuxFrame.DATA;
            super.frame(frame);
            if (data) {
              ending[0].reset(1);
            }
          }
        };
    ending[0] =
        new YamuxSession(true, YamuxLimits.DEFAULT, UnpooledByteBufAllocator.DEFAULT, resets, 0);
    session = ending[0];
    int stream = open();
    assertThat(write(stream, WINDOW)).isEqualTo(YamuxSession.MAX_PAYLOAD_BYTES);
    assertThat(resets.frames).hasSize(3).last().isEqualTo("000100080000000100000000");
  }

  @Test
  void keepsNoLargeBufferAliveForASmallPiece() {
    List<ByteBuf> kept = new ArrayList<>();
    RecordingOutput keeps =
        new RecordingOutput() {
          @Override
          public void data(int stream, ByteBuf bytes) {
            kept.add(bytes);
          }
        };
    session =
        new YamuxSession(true, YamuxLimits.DEFAULT, UnpooledByteBufAllocator.DEFAULT, keeps, 0);
    ByteBuf in = UnpooledByteBufAllocator.DEFAULT.buffer(65_536);
    in.writeBytes(HexFormat.of().parseHex("000000010000000200000001" + "61"));
    session.receive(in, 0);
    assertThat(in.release()).as("nothing else holds the large buffer").isTrue();
    assertThat(kept).singleElement().extracting(ByteBuf::readableBytes).isEqualTo(1);
    kept.forEach(ByteBuf::release);
  }
}
