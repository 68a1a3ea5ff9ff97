package org.skerry.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.skerry.libp2p.testing.LeakCheck;

@ExtendWith(LeakCheck.class)
final class YamuxFragmentationTest {
  private static final byte[] BYTES =
      HexFormat.of()
          .parseHex(
              "000100010000000200000000" // SYN 2
                  + "000000050000000400000003616263" // SYN 4, data, FIN
                  + "000200010000000000000007" // ping
                  + "0000000000000002000000046465666a"
                  + "000100080000000400000000" // RST 4
                  + "000000000000000200000000"
                  + "000100040000000200000000" // FIN 2
                  + "000300000000000000000000"); // go away

  private static List<String> eventsOf(int firstCut, int secondCut) {
    RecordingOutput out = new RecordingOutput();
    YamuxSession session =
        new YamuxSession(true, YamuxLimits.DEFAULT, UnpooledByteBufAllocator.DEFAULT, out, 0);
    int from = 0;
    for (int to : new int[] {firstCut, secondCut, BYTES.length}) {
      ByteBuf piece = Unpooled.copiedBuffer(BYTES, from, to - from);
      session.receive(piece, 0);
      assertThat(piece.isReadable()).isFalse();
      piece.release();
      from = to;
    }
    assertThat(out.frames).containsExactly("000200020000000000000007");
    return joined(out.events);
  }

  /** A payload cut in pieces is the same payload. */
  private static List<String> joined(List<String> events) {
    List<String> joined = new ArrayList<>();
    for (String event : events) {
      String[] words = event.split(" ");
      String last = joined.isEmpty() ? "" : joined.getLast();
      if (words[0].equals("data") && last.startsWith("data " + words[1] + " ")) {
        joined.set(joined.size() - 1, last + words[2]);
      } else {
        joined.add(event);
      }
    }
    return joined;
  }

  @Test
  void seesTheSameEventsWhereverTheBytesAreCut() {
    List<String> whole = eventsOf(BYTES.length, BYTES.length);
    assertThat(whole)
        .containsExactly(
            "opened 2",
            "opened 4",
            "data 4 616263",
            "remoteClosed 4",
            "data 2 6465666a",
            "reset 4",
            "remoteClosed 2",
            "remoteGoingAway");
    for (int first = 0; first <= BYTES.length; first++) {
      for (int second = first; second <= BYTES.length; second++) {
        assertThat(eventsOf(first, second)).isEqualTo(whole);
      }
    }
  }
}
