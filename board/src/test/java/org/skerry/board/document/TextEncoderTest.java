package org.skerry.board.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.dagcbor.Value;

final class TextEncoderTest {
  private static final TextEncoder T5 =
      new TextEncoder(
          TextFamily.T5,
          32_128,
          512,
          4096,
          24,
          64,
          64,
          10_240,
          32,
          128,
          TextActivation.GATED_GELU,
          Samples.blob("t5"),
          new TreeMap<>(Map.of("tokenizer.json", Samples.blob("pieces"))));

  private static SortedMap<String, Value> fields(Value map) {
    return new TreeMap<>(((Value.MapValue) map).entries());
  }

  private static void assertRefused(Value encoder, Refusal refusal) {
    assertThatThrownBy(() -> TextEncoder.fromValue(encoder))
        .isInstanceOfSatisfying(
            BoardException.class, e -> assertThat(e.refusal()).isEqualTo(refusal));
  }

  @Test
  void readsWhatItWrote() {
    for (TextEncoder encoder : new TextEncoder[] {T5, Samples.clip()}) {
      assertThat(TextEncoder.fromValue(encoder.toValue())).isEqualTo(encoder);
    }
    TaskManifest manifest = Samples.reading(Samples.reader(4096), Optional.of(T5));
    assertThat(TaskManifest.decode(manifest.encoded())).isEqualTo(manifest);
  }

  @ParameterizedTest
  @CsvSource({
    "vocabulary, 0",
    "vocabulary, 1048577",
    "maxTokens, 1",
    "maxTokens, 4097",
    "width, 16385",
    "depth, 257",
    "heads, 0",
    "inner, 131073",
    "headWidth, 0",
    "buckets, 3",
    "maxDistance, 1",
  })
  void refusesNumbersOutOfBounds(String field, long number) {
    SortedMap<String, Value> fields = fields(T5.toValue());
    fields.put(field, new Value.IntValue(number));
    assertRefused(Value.map(fields), Refusal.OUT_OF_BOUNDS);
  }

  @Test
  void refusesWhatIsOfTheOtherFamilyOrNoFileOfATokenizer() {
    SortedMap<String, Value> fields = fields(Samples.clip().toValue());
    fields.put("activation", new Value.TextValue("relu"));
    assertRefused(Value.map(fields), Refusal.OUT_OF_BOUNDS);
    fields = fields(Samples.clip().toValue());
    fields.put("buckets", new Value.IntValue(32));
    assertRefused(Value.map(fields), Refusal.OUT_OF_BOUNDS);
    fields = fields(T5.toValue());
    fields.put("tokenizer", Value.map(Map.of()));
    assertRefused(Value.map(fields), Refusal.OUT_OF_BOUNDS);
    fields.put("tokenizer", Value.map(Map.of("run.py", new Value.LinkValue(Samples.blob("code")))));
    assertRefused(Value.map(fields), Refusal.OUT_OF_BOUNDS);
    fields.put(
        "tokenizer",
        Value.map(Map.of("merges.txt", new Value.LinkValue(Samples.document("other")))));
    assertRefused(Value.map(fields), Refusal.OUT_OF_BOUNDS);
    fields.put("tokenizer", Value.map(Map.of("merges.txt", new Value.TextValue("a b"))));
    assertRefused(Value.map(fields), Refusal.WRONG_TYPE);
    fields = fields(T5.toValue());
    fields.put("trust", new Value.BoolValue(true));
    assertRefused(Value.map(fields), Refusal.UNKNOWN_FIELD);
  }

  @Test
  void expertsReadWhatTheTasksEncoderPutsOut() {
    assertThatThrownBy(() -> Samples.reading(Samples.reader(512), Optional.of(Samples.clip())))
        .hasMessageContaining("textWidth of the expert model 512 not in 768..768");
    assertThatThrownBy(() -> Samples.reading(Samples.reader(768), Optional.empty()))
        .hasMessageContaining("textWidth of the expert model 768 not in 0..0");
    assertThatThrownBy(() -> Samples.reading(Samples.reader(0), Optional.empty()))
        .hasMessageContaining("experts of Paris without a textEncoder");
    assertThatThrownBy(() ->
            Samples.reading(
                new ModelSpec(ModelFamily.DIT, 32, 4, 384, 12, 6, 2, 0),
                Optional.of(Samples.clip())))
        .hasMessageContaining("textWidth of the expert model 0 not in 768..768");
  }

  @Test
  void onlyAModelOfParisReadsTextsAndItKnowsNoClasses() {
    assertThat(ModelSpec.fromValue(Samples.reader(768).toValue())).isEqualTo(Samples.reader(768));
    SortedMap<String, Value> plain = fields(Samples.reader(0).toValue());
    assertThat(plain).doesNotContainKey("textWidth");
    plain.put("textWidth", new Value.IntValue(0));
    assertThatThrownBy(() -> ModelSpec.fromValue(Value.map(plain)))
        .hasMessageContaining("'textWidth' of model is not 0 or left out");
    assertThatThrownBy(() -> new ModelSpec(ModelFamily.SIT, 32, 4, 384, 12, 6, 2, 0, false, 768))
        .hasMessageContaining("textWidth of a sit 768 not in 0..0");
    assertThatThrownBy(() -> new ModelSpec(ModelFamily.UNET, 16, 3, 32, 3, 0, 0, 0, false, 8))
        .hasMessageContaining("textWidth of a U-Net 8 not in 0..0");
    assertThatThrownBy(() -> new ModelSpec(ModelFamily.PARIS, 32, 4, 384, 12, 6, 2, 10, false, 768))
        .hasMessageContaining("classes of a Paris model 10 not in 0..0");
  }
}
