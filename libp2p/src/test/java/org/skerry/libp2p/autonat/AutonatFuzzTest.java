package org.skerry.libp2p.autonat;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.multiformats.Varint;
import org.skerry.libp2p.testing.Hostile;
import org.skerry.libp2p.testing.RecordedStream;

class AutonatFuzzTest {
  @FuzzTest
  void messages(byte[] in) {
    RecordedStream stream = new RecordedStream(AutonatMessages.DIAL_REQUEST, in);
    int unread;
    do {
      unread = stream.unread();
    } while (Hostile.read(Libp2pException.class, () -> AutonatMessages.read(stream)).isPresent());
    assertThat(unread - stream.unread())
        .isLessThanOrEqualTo(AutonatMessages.MAX_BYTES + Varint.MAX_BYTES);
  }

  /** Each byte is a server's word: its lowest bit, and which server it is. */
  @FuzzTest
  void votes(byte[] in) {
    Votes votes = new Votes();
    for (byte vote : in) {
      String server = Integer.toString(vote >> 1 & 15);
      boolean reached = (vote & 1) == 1;
      Reachability before = votes.outcome(5);
      votes.addAnew(server, reached);
      assertThat(votes.has(server)).isTrue();
      assertThat(votes.outcome(5))
          .as("one vote against a belief of " + before)
          .isNotEqualTo(
              before == Reachability.REACHABLE && !reached ? Reachability.UNREACHABLE : null);
    }
    assertThat(votes.isEmpty()).isEqualTo(in.length == 0);
  }
}
