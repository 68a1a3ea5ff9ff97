package org.skerry.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.HexFormat;
import org.junit.jupiter.api.extension.ExtendWith;
import org.skerry.libp2p.testing.LeakCheck;
import org.skerry.libp2p.yamux.Opening.Opened;

/** A session, what it says, and the remote's frames written out in hex. */
@ExtendWith(LeakCheck.class)
abstract class YamuxSessionFixture {
  static final int WINDOW = YamuxFrame.INITIAL_WINDOW_BYTES;
  static final long MS = 1_000_000;

  final RecordingOutput out = new RecordingOutput();
  YamuxSession session = session(true, YamuxLimits.DEFAULT);

  YamuxSession session(boolean client, YamuxLimits limits) {
    return new YamuxSession(client, limits, UnpooledByteBufAllocator.DEFAULT, out, 0);
  }

  static YamuxLimits limits(int inbound, int outbound, int unacked, long bufferedBytes) {
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

  void receive(String hex) {
    receiveAt(0, hex);
  }

  void receiveAt(long nowNanos, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    session.receive(Unpooled.wrappedBuffer(bytes), nowNanos);
  }

  static String header(int type, int flags, int stream, long length) {
    return String.format("00%02x%04x%08x%08x", type, flags, stream, length);
  }

  void receiveData(int stream, int size) {
    session.receive(
        Unpooled.wrappedBuffer(HexFormat.of().parseHex(header(0, 0, stream, size)), new byte[size]),
        0);
  }

  int open() {
    Opening opening = session.openStream(0);
    assertThat(opening).isInstanceOf(Opened.class);
    return ((Opened) opening).stream();
  }

  int write(int stream, int size) {
    ByteBuf data = Unpooled.wrappedBuffer(new byte[size]);
    int written = session.write(stream, data);
    data.release();
    return written;
  }
}
