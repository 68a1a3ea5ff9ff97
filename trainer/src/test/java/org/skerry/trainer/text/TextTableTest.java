package org.skerry.trainer.text;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.diffusion.Texts;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.diffusion.torch.Torch;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;

class TextTableTest {
  @TempDir Path folder;

  private TextTable open(Map<String, HostTensor> texts) throws IOException {
    Path file = folder.resolve("table.safetensors");
    new Safetensors(texts, Map.of()).write(file);
    return TextTable.open(List.of(file), 2, 3);
  }

  private static HostTensor text(float... states) {
    return TextTable.rounded(states, states.length / 2, 2);
  }

  @Test
  void findsACaptionAsAShardHasItAndNoCaptionAsTheEmptyText() throws IOException {
    TextTable table =
        open(Map.of(TextTable.key(""), text(1, 2), TextTable.key("a cat"), text(3, 4, 5, 6)));
    assertThat(table.numberOf("  a cat\n")).isEqualTo(table.numberOf("a cat"));
    assertThat(table.numberOf(null)).isEqualTo(table.empty()).isEqualTo(table.numberOf(" "));
    assertThat(TextTable.key("half \ud83d")).isEqualTo(TextTable.key("half ?"));
    float[] states = new float[5];
    table.copyTo(table.numberOf("a cat"), states, 1);
    assertThat(states).containsExactly(0, 3, 4, 5, 6);
    assertThatThrownBy(() -> table.numberOf("a dog"))
        .isInstanceOf(TrainerException.class)
        .hasMessageContaining("not among the encoded captions");
  }

  @Test
  void refusesWhatIsNoTableOfTheNetworksTexts() throws IOException {
    String empty = TextTable.key("");
    for (HostTensor other :
        List.of(
            HostTensor.of(new float[] {1, 2}, 1, 2),
            text(1, 2, 3, 4, 5, 6, 7, 8),
            TextTable.rounded(new float[] {1, 2, 3}, 1, 3),
            TextTable.rounded(new float[] {1, 2}, 2, 1),
            TextTable.rounded(new float[0], 0, 2))) {
      assertRefused(Map.of(empty, other), "F16[1 to 3, 2]");
    }
    assertRefused(Map.of(TextTable.key("a cat"), text(1, 2)), "the empty text is not among");
    Path cut = Files.write(folder.resolve("cut"), new byte[20]);
    assertThatThrownBy(() -> TextTable.open(List.of(cut), 2, 3))
        .isInstanceOf(TrainerException.class)
        .hasMessageContaining("cut is no table of encoded captions");
  }

  private void assertRefused(Map<String, HostTensor> texts, String why) {
    assertThatThrownBy(() -> open(texts))
        .isInstanceOfSatisfying(
            TrainerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CORRUPT_ARCHIVE))
        .hasMessageContaining(why);
  }

  @Test
  void refusesStatesThatAreNoFiniteNumbers() throws IOException {
    assertThatThrownBy(() -> text(1e6f, 0)).hasMessageContaining("no place in float16");
    assertThatThrownBy(() -> text(Float.NaN, 0)).hasMessageContaining("no place in float16");
    HostTensor infinite = text(1, 2);
    infinite.data().putShort(0, Float.floatToFloat16(Float.POSITIVE_INFINITY));
    TextTable table = open(Map.of(TextTable.key(""), infinite));
    assertThatThrownBy(() -> HostTexts.of(table, 0)).hasMessageContaining("no finite number");
  }

  @Test
  void shorterTextsOfABatchAreFilledUpWithWhatNobodySees() throws IOException {
    TextTable table =
        open(Map.of(TextTable.key(""), text(1, 2), TextTable.key("a cat"), text(3, 4, 5, 6)));
    int cat = table.numberOf("a cat");
    HostTexts host = HostTexts.of(table, table.empty(), cat);
    assertThat(host.states()).containsExactly(1, 2, 0, 0, 3, 4, 5, 6);
    try (NDManager manager = Torch.newManager()) {
      Texts texts = host.on(manager);
      assertThat(texts.states().getShape()).isEqualTo(new Shape(2, 2, 2));
      assertThat(requireNonNull(texts.mask()).toFloatArray())
          .containsExactly(0, Texts.UNSEEN, 0, 0);
      assertThat(HostTexts.of(table, cat, cat).on(manager).mask()).as("all seen").isNull();
    }
  }

  @Test
  void writesWhatItHasOfSomeCaptionsInOneWayOnly() throws IOException {
    Path file = folder.resolve("all");
    TextTable all = TinyTexts.table(file, "red", "green", "blue");
    Path one = folder.resolve("one.safetensors");
    all.write(Arrays.asList("red", null, "blue", "red"), one);
    Path two = folder.resolve("two.safetensors");
    all.write(List.of("blue", " red"), two);
    assertThat(two).hasSameBinaryContentAs(one);
    TextTable some = TextTable.open(List.of(one), TinyTexts.WIDTH, TinyTexts.MAX_TOKENS);
    float[] before = HostTexts.of(all, all.numberOf("blue"), all.empty()).states();
    assertThat(HostTexts.of(some, some.numberOf("blue"), some.empty()).states()).isEqualTo(before);
    assertThatThrownBy(() -> some.numberOf("green")).isInstanceOf(TrainerException.class);
    assertThatThrownBy(() -> some.write(List.of("green"), two))
        .isInstanceOf(TrainerException.class);
  }
}
