package org.skerry.diffusion.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.skerry.diffusion.text.TinyClip.CAT;
import static org.skerry.diffusion.text.TinyClip.END;
import static org.skerry.diffusion.text.TinyClip.START;
import static org.skerry.diffusion.text.TinyClip.number;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.Utils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.diffusion.ClipTextConfig;
import org.skerry.diffusion.ClipTextConfig.Activation;
import org.skerry.diffusion.ClipTextEncoder;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.T5Config;
import org.skerry.diffusion.text.TokenizerException.Reason;
import org.skerry.diffusion.torch.Torch;

class TextTokenizerTest {
  private static final ClipTextConfig CLIP =
      new ClipTextConfig(TinyClip.VOCABULARY, 9, 24, 2, 3, 48, Activation.QUICK_GELU);
  private static final T5Config T5 =
      new T5Config(6, 20, 2, 3, 6, 28, 32, 128, T5Config.Activation.RELU);

  /** Pieces with their log-probabilities, after SentencePiece (Kudo, arXiv 1804.10959). */
  private static final String PIECES =
      """
      {"version": "1.0", "truncation": {"max_length": 2, "stride": 0,
         "strategy": "LongestFirst", "direction": "Right"}, "padding": null,
       "added_tokens": [
         {"id": 0, "content": "<pad>", "single_word": false, "lstrip": false, "rstrip": false,
          "normalized": false, "special": true},
         {"id": 1, "content": "</s>", "single_word": false, "lstrip": false, "rstrip": false,
          "normalized": false, "special": true}],
       "normalizer": null,
       "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always",
          "split": true},
       "post_processor": {"type": "TemplateProcessing",
          "single": [{"Sequence": {"id": "A", "type_id": 0}},
                     {"SpecialToken": {"id": "</s>", "type_id": 0}}],
          "pair": [{"Sequence": {"id": "A", "type_id": 0}},
                   {"SpecialToken": {"id": "</s>", "type_id": 0}}],
          "special_tokens": {"</s>": {"id": "</s>", "ids": [1], "tokens": ["</s>"]}}},
       "decoder": null,
       "model": {"type": "Unigram", "unk_id": 2, "byte_fallback": false,
          "vocab": [["<pad>", 0], ["</s>", 0], ["<unk>", 0], ["▁a", -1], ["▁cat", -1.5],
                    ["s", -2]]}}
      """;

  @TempDir Path folder;

  @Test
  void cutsTextAsClipDoesAndFillsItUp() throws IOException {
    try (var tokenizer = TextTokenizer.open(TinyClip.write(folder).definition(CLIP))) {
      assertThat(tokenizer.ids("")).containsExactly(START, END, END, END, END, END, END, END, END);
      assertThat(tokenizer.ids("A  CAT's act"))
          .containsExactly(
              START,
              number('a', true),
              CAT,
              number('\'', false),
              number('s', true),
              number('a', false),
              number('c', false),
              number('t', true),
              END);
      assertThat(tokenizer.ids("cat\ncat 12"))
          .startsWith(START, CAT, CAT, number('1', true), number('2', true), END, END);
      assertThat(Utils.isOfflineMode()).isTrue();
    }
  }

  @Test
  void textsThatAreTooLongLoseWhatStandsBeforeTheirEnd() throws IOException {
    try (var tokenizer = TextTokenizer.open(TinyClip.write(folder).definition(CLIP))) {
      assertThat(tokenizer.ids("cat ".repeat(100)))
          .containsExactly(START, CAT, CAT, CAT, CAT, CAT, CAT, CAT, END);
      assertThat(tokenizer.ids("cat ".repeat(7)))
          .containsExactly(START, CAT, CAT, CAT, CAT, CAT, CAT, CAT, END);
      assertThat(tokenizer.ids("cat \ud83d")).hasSize(9).startsWith(START, CAT);
      String book = "a".repeat(TextTokenizer.MAX_CHARACTERS + 1);
      assertThatThrownBy(() -> tokenizer.ids(book)).hasMessageContaining("longer than 16384");
    }
  }

  @Test
  void paddingIsTheTokenThatTheFolderNames() throws IOException {
    TokenizerFiles older = TinyClip.write(folder);
    for (String pad : new String[] {"\"!\"", "{\"content\": \"!\", \"lstrip\": false}"}) {
      TokenizerFiles files = with(older, "special_tokens_map.json", "{\"pad_token\": " + pad + "}");
      try (var tokenizer = TextTokenizer.open(files.definition(CLIP))) {
        assertThat(tokenizer.ids("cat")).containsExactly(START, CAT, END, 0L, 0L, 0L, 0L, 0L, 0L);
      }
    }
    TokenizerFiles foreign = with(older, "tokenizer_config.json", "{\"pad_token\": \"[PAD]\"}");
    assertRefused(Reason.MALFORMED, "fills texts up", () -> foreign.definition(CLIP));
  }

  @Test
  void readsTokenizerJsonAndLeavesTheTextsOfT5AsLongAsTheyAre() throws IOException {
    TokenizerFiles files = files("tokenizer.json", PIECES);
    try (var tokenizer = TextTokenizer.open(files.definition(T5))) {
      assertThat(tokenizer.ids("a cats")).containsExactly(3, 4, 5, 1);
      assertThat(tokenizer.ids("")).containsExactly(1);
    }
    TokenizerFiles brief = with(files, "tokenizer_config.json", "{\"model_max_length\": 3}");
    try (var tokenizer = TextTokenizer.open(brief.definition(T5))) {
      assertThat(tokenizer.ids("a cats")).containsExactly(3, 4, 1);
    }
  }

  @Test
  void refusesFilesThatAreMissingOrNoTokenizer() throws IOException {
    TokenizerFiles older = TinyClip.write(folder);
    var lone = new HashMap<>(older.paths());
    lone.remove("merges.txt");
    assertRefused(
        Reason.MISSING,
        "neither tokenizer.json nor both vocab.json and merges.txt",
        () -> new TokenizerFiles(lone).definition(CLIP));
    assertRefused(Reason.NOT_JSON, "tokenizer.json is no JSON", refusal("{\"model\": "));
    assertRefused(Reason.NOT_JSON, "no JSON object", refusal("[]"));
    assertRefused(Reason.MALFORMED, "no model with a vocabulary", refusal("{}"));
    assertRefused(
        Reason.MALFORMED, "has no number", refusal("{\"model\": {\"vocab\": {\"a\": -1}}}"));
    assertRefused(
        Reason.FOREIGN_VOCABULARY,
        "token number 6, and the text encoder knows 6",
        refusal("{\"model\": {\"vocab\": {\"a\": 6}}}"));
    assertRefused(
        Reason.MALFORMED,
        "not CLIP's",
        () -> with(older, "vocab.json", "{\"a\": 0}").definition(CLIP));
    assertRefused(
        Reason.MALFORMED,
        "merges.txt has a line",
        () -> with(older, "merges.txt", "c a t\n").definition(CLIP));
    assertThatThrownBy(() -> new TokenizerFiles(Map.of("../x", folder)))
        .hasMessageContaining("is no file of a tokenizer");
  }

  @Test
  void refusesStepsThatMakeMuchOfLittleAndWhatTheLibraryDoesNotKnow() throws IOException {
    String book = "x".repeat(2000);
    assertRefused(
        Reason.TOO_LARGE,
        "the tokenizer's normalizer",
        refusal(
            PIECES.replace(
                "\"normalizer\": null",
                "\"normalizer\": {\"type\": \"Prepend\", \"prepend\": \"" + book + "\"}")));
    TokenizerDefinition strange =
        files("tokenizer.json", PIECES.replace("Unigram", "Oracle")).definition(T5);
    assertRefused(Reason.REFUSED, "cannot be used", () -> TextTokenizer.open(strange));
  }

  @Test
  void refusesFilesThatAreTooLarge() throws IOException {
    TokenizerFiles files = files("tokenizer.json", " ".repeat((20 << 20) + 1));
    assertRefused(Reason.TOO_LARGE, "more than 20971520 bytes", () -> files.definition(T5));
  }

  @Test
  void differentPromptsHaveDifferentStatesAndTheSameOneTheSame() throws IOException {
    try (NDManager manager = Torch.newManager()) {
      Path weights = folder.resolve("model.safetensors");
      Parameters.initialise(new ClipTextEncoder(CLIP), manager, 7).toSafetensors(weights, Map.of());
      try (var encoder = PromptEncoder.open(CLIP, weights, TinyClip.write(folder), manager)) {
        NDArray cat = encoder.encode("a cat", manager);
        assertThat(cat.getShape()).isEqualTo(new Shape(1, 9, 24));
        assertThat(encoder.encode("A  cat", manager).toFloatArray()).isEqualTo(cat.toFloatArray());
        assertThat(encoder.encode("", manager).toFloatArray()).isNotEqualTo(cat.toFloatArray());
      }
    }
  }

  private static void assertRefused(Reason reason, String message, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TokenizerException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(message);
  }

  private ThrowingCallable refusal(String json) {
    return () -> files("tokenizer.json", json).definition(T5);
  }

  private TokenizerFiles files(String name, String content) throws IOException {
    return with(new TokenizerFiles(Map.of()), name, content);
  }

  private TokenizerFiles with(TokenizerFiles files, String name, String content)
      throws IOException {
    var paths = new HashMap<>(files.paths());
    paths.put(name, Files.writeString(Files.createTempFile(folder, "tokenizer", ".x"), content));
    return new TokenizerFiles(paths);
  }
}
