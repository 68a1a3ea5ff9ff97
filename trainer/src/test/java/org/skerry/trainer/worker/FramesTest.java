package org.skerry.trainer.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;
import tools.jackson.databind.node.JsonNodeFactory;

class FramesTest {
  @Test
  void writesTheBytesOfTheProtocol() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Frames.write(out, new WorkerMessage.Pause());
    assertThat(out.toByteArray())
        .isEqualTo(HexFormat.of().parseHex("00000010" + "7b2274797065223a227061757365227d"));
  }

  @Test
  void readsWhatItWrote() throws IOException {
    WorkerMessage message =
        new WorkerMessage.Event(
            7, "progress", JsonNodeFactory.instance.objectNode().put("loss", 0.25));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Frames.write(out, message);
    Frames.write(out, new WorkerMessage.Stop());
    ByteArrayInputStream in = new ByteArrayInputStream(out.toByteArray());
    assertThat(Frames.read(in)).contains(message);
    assertThat(Frames.read(in)).contains(new WorkerMessage.Stop());
    assertThat(Frames.read(in)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"00000000", "00100001", "7fffffff", "ffffffff"})
  void refusesLengthsBeforeTakingMemory(String length) {
    assertViolation(HexFormat.of().parseHex(length + "7b7d"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "not json",
        "{}",
        "[]",
        "{\"type\":\"dance\"}",
        "{\"type\":\"pause\",\"now\":true}",
        "{\"type\":\"pause\"}{}"
      })
  void refusesWhatIsNoMessage(String json) {
    byte[] text = json.getBytes(StandardCharsets.UTF_8);
    byte[] frame = new byte[4 + text.length];
    frame[3] = (byte) text.length;
    System.arraycopy(text, 0, frame, 4, text.length);
    assertViolation(frame);
  }

  @Test
  void refusesAFrameThatIsCutShort() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Frames.write(out, new WorkerMessage.Pause());
    assertViolation(Arrays.copyOf(out.toByteArray(), 12));
  }

  @Test
  void doesNotWriteAFrameThatTheOtherSideWouldRefuse() {
    WorkerMessage huge =
        new WorkerMessage.Done(1, JsonNodeFactory.instance.stringNode("x".repeat(1 << 20)));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThatThrownBy(() -> Frames.write(out, huge)).isInstanceOf(TrainerException.class);
    assertThat(out.size()).isZero();
  }

  private static void assertViolation(byte[] bytes) {
    assertThatThrownBy(() -> Frames.read(new ByteArrayInputStream(bytes)))
        .isInstanceOfSatisfying(
            TrainerException.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.PROTOCOL_VIOLATION));
  }
}
