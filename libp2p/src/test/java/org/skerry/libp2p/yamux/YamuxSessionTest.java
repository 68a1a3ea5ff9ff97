package org.skerry.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.yamux.Opening.Refusal;
import org.skerry.libp2p.yamux.Opening.Refused;

/** The life of a session and its streams. */
final class YamuxSessionTest extends YamuxSessionFixture {
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
            "000100010000000100010000",
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
}
