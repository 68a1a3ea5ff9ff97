package org.skerry.libp2p.multistream;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.List;
import org.skerry.libp2p.multistream.Negotiation.Step;

/** Any lines, and any end of the last one. */
class NegotiationFuzzTest {
  private static final List<String> PROTOCOLS = List.of("/a/1.0.0", "/b/2", "na", "ls");

  @FuzzTest
  void responder(byte[] in) {
    int answers = run(new Responder(() -> PROTOCOLS), in);
    assertThat(answers).isLessThanOrEqualTo(1 + Responder.MAX_PROPOSALS);
  }

  @FuzzTest
  void initiator(byte[] in) {
    int proposals = run(new Initiator(PROTOCOLS), in);
    assertThat(proposals).isLessThan(PROTOCOLS.size());
  }

  /** Returns how often it spoke. */
  private static int run(Negotiation negotiation, byte[] in) {
    int sent = 0;
    for (int at = 0; at < in.length; ) {
      int end = at;
      while (end < in.length && in[end] != '\n') {
        end++;
      }
      byte[] message = Arrays.copyOfRange(in, at, Math.min(end + 1, in.length));
      at += message.length;
      switch (negotiation.receive(message)) {
        case Step.Wait() -> {}
        case Step.Send(Negotiation.Bytes messages) -> {
          assertThat(messages.array()).hasSizeBetween(1, MultistreamMessages.MAX_BYTES + 2);
          sent++;
        }
        case Step.Selected(String protocol, Negotiation.Bytes _) -> {
          assertThat(PROTOCOLS).contains(protocol);
          return sent;
        }
        case Step.Unsupported() -> {
          return sent;
        }
        case Step.Rejected(Negotiation.Violation _, String detail) -> {
          assertThat(detail).hasSizeLessThan(200);
          return sent;
        }
      }
    }
    return sent;
  }
}
