package org.skerry.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

final class YamuxFlowControlTest extends YamuxSessionFixture {
  @Test
  void opensTheWindowWithTheSyn() {
    receive("0001 0001 00000002 00000005");
    assertThat(write(2, WINDOW + 10)).isEqualTo(WINDOW + 5);
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
  void refusesToConsumeMoreThanArrived() {
    receive("0000 0001 00000002 00000002 6869");
    assertThatThrownBy(() -> session.consumed(2, 3, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("consumed 3 of 2");
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
