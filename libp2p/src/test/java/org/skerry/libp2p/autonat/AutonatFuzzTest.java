package org.skerry.libp2p.autonat;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
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

  @FuzzTest
  void answersOfVersionOne(byte[] in) {
    Multiaddr asked = Multiaddr.parse("/ip4/203.0.113.7/tcp/4001");
    PeerId self = PeerId.of(PrivateKey.ofSeed(new byte[32]).publicKey());
    RecordedStream stream = new RecordedStream(AutonatMessages.V1, in);
    Hostile.read(
            Libp2pException.class, () -> new AutonatV1Question(self, List.of(asked)).ask(stream))
        .ifPresent(verdict ->
            assertThat(verdict)
                .satisfiesAnyOf(
                    one -> assertThat(one).isEqualTo(new Verdict.Claimed(asked)),
                    one -> assertThat(one).isEqualTo(new Verdict.Unreachable(asked)),
                    one -> assertThat(one).isInstanceOf(Verdict.Undecided.class)));
  }

  /** Each byte is a server's word: its two lowest bits, and which server it is. */
  @FuzzTest
  void votes(byte[] in) {
    Votes votes = new Votes();
    for (byte vote : in) {
      String server = Integer.toString(vote >> 2 & 15);
      Votes.Word word = Votes.Word.values()[(vote & 3) % 3];
      Reachability before = votes.outcome(5);
      votes.addAnew(server, word);
      assertThat(votes.has(server)).isTrue();
      assertThat(votes.outcome(5))
          .as("one vote against a belief of " + before)
          .isNotEqualTo(
              before == Reachability.REACHABLE && word == Votes.Word.FAILED
                  ? Reachability.UNREACHABLE
                  : null);
    }
    assertThat(votes.isEmpty()).isEqualTo(in.length == 0);
  }
}
