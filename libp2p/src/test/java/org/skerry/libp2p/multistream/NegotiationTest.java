package org.skerry.libp2p.multistream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.multiformats.Varint;
import org.skerry.libp2p.multistream.Negotiation.Bytes;
import org.skerry.libp2p.multistream.Negotiation.Step;
import org.skerry.libp2p.multistream.Negotiation.Violation;

class NegotiationTest {
  private static byte[] message(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Cuts what one side sends into messages. */
  private static List<byte[]> split(byte[] bytes) {
    List<byte[]> out = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    while (in.hasRemaining()) {
      byte[] message = new byte[Varint.readInt(in, MultistreamMessages.MAX_BYTES)];
      in.get(message);
      out.add(message);
    }
    return out;
  }

  private static Step send(String... lines) {
    return new Step.Send(new Bytes(MultistreamMessages.encode(lines)));
  }

  private static Responder started(String... served) {
    Responder responder = new Responder(() -> Set.of(served));
    responder.receive(message("/multistream/1.0.0\n"));
    return responder;
  }

  @Test
  void writesTheGoldenBytesOfAProposal() {
    assertThat(new Initiator(List.of("/noise")).start())
        .isEqualTo(message("\u0013/multistream/1.0.0\n\u0007/noise\n"));
  }

  @Test
  void agreesOnTheFirstProtocolThatBothSpeak() {
    Initiator initiator = new Initiator(List.of("/a", "/b", "/c"));
    Responder responder = new Responder(() -> Set.of("/b", "/c"));
    List<byte[]> toResponder = new ArrayList<>(split(initiator.start()));
    String left = null;
    String right = null;
    while (left == null) {
      for (byte[] message : List.copyOf(toResponder)) {
        toResponder.remove(message);
        byte[] answer =
            switch (responder.receive(message)) {
              case Step.Send(Bytes bytes) -> bytes.array();
              case Step.Selected(String protocol, Bytes bytes) -> {
                right = protocol;
                yield bytes.array();
              }
              case Step other -> throw new AssertionError(other);
            };
        for (byte[] line : split(answer)) {
          switch (initiator.receive(line)) {
            case Step.Wait() -> {}
            case Step.Send(Bytes bytes) -> toResponder.addAll(split(bytes.array()));
            case Step.Selected(String protocol, Bytes bytes) -> left = protocol;
            case Step other -> throw new AssertionError(other);
          }
        }
      }
    }
    assertThat(left).isEqualTo("/b").isEqualTo(right);
  }

  @Test
  void reportsUnsupportedAfterTheLastRefusal() {
    Initiator initiator = new Initiator(List.of("/a", "/b"));
    assertThat(initiator.receive(message("/multistream/1.0.0\n"))).isEqualTo(new Step.Wait());
    assertThat(initiator.receive(message("na\n"))).isEqualTo(send("/b"));
    assertThat(initiator.receive(message("na\n"))).isEqualTo(new Step.Unsupported());
  }

  @Test
  void listsItsProtocolsAndGoesOn() {
    Responder responder = started("/a");
    assertThat(responder.receive(message("ls\n")))
        .isEqualTo(new Step.Send(new Bytes(message("\u0005\u0003/a\n\n"))));
    assertThat(responder.receive(message("/a\n"))).isInstanceOf(Step.Selected.class);
  }

  @Test
  void stopsAPeerThatProposesWithoutEnd() {
    Responder responder = started("/a");
    for (int i = 0; i < Responder.MAX_PROPOSALS; i++) {
      assertThat(responder.receive(message("/x" + i + "\n"))).isEqualTo(send("na"));
    }
    assertRejected(Violation.TOO_MANY_PROPOSALS, responder.receive(message("/a\n")));
  }

  @Test
  void refusesMessagesThatBreakTheForm() {
    for (byte[] bad : List.of(message(""), message("\n"), message("/a"), new byte[1025])) {
      assertRejected(Violation.BAD_MESSAGE, new Responder(Set::of).receive(bad));
      assertRejected(Violation.BAD_MESSAGE, new Initiator(List.of("/a")).receive(bad));
    }
  }

  @Test
  void refusesAnotherHeader() {
    assertRejected(
        Violation.BAD_HEADER, new Responder(Set::of).receive(message("/multistream/2.0.0\n")));
    assertRejected(
        Violation.BAD_HEADER,
        new Initiator(List.of("/a")).receive(message("HTTP/1.1 400 Bad Request\r\n")));
  }

  @Test
  void refusesAnAnswerToAnotherQuestion() {
    Initiator initiator = new Initiator(List.of("/a"));
    initiator.receive(message("/multistream/1.0.0\n"));
    assertRejected(Violation.BAD_ANSWER, initiator.receive(message("/b\n")));
  }

  private static void assertRejected(Violation violation, Step step) {
    assertThat(step)
        .isInstanceOfSatisfying(
            Step.Rejected.class, r -> assertThat(r.violation()).isEqualTo(violation));
  }
}
