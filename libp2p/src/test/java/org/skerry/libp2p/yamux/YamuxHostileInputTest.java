package org.skerry.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What ends a session. */
final class YamuxHostileInputTest extends YamuxSessionFixture {
  private static final String GO_AWAY_PROTOCOL_ERROR = "000300000000000000000001";

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
}
