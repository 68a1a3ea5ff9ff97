package org.skerry.node.ensemble.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.diffusion.T5Config;
import org.skerry.diffusion.T5Encoder;
import org.skerry.node.task.TextEncoding;
import tools.jackson.databind.json.JsonMapper;

/** Text encoder and tokenizer of a folder that somebody else filled. */
class TextFilesTest {
  private static final T5Config T5 =
      new T5Config(190, 32, 2, 4, 8, 64, 32, 128, T5Config.Activation.GATED_GELU);

  @TempDir Path root;
  private Path folder = Path.of("");

  @BeforeEach
  void fill() throws IOException {
    folder = TinyParis.write(root.resolve("paris"));
  }

  @Test
  void clipIsReadAndWrittenAgain() throws IOException {
    TextEncoding files = read();
    assertThat(files.config()).isEqualTo(TinyParis.TEXT);
    assertThat(files.tokenizer().paths())
        .containsOnlyKeys("vocab.json", "merges.txt", "special_tokens_map.json");
    assertThat(files.maxTokens()).isEqualTo(16);
    config(TextFiles.json(files.config()));
    assertThat(read().config()).isEqualTo(TinyParis.TEXT);
  }

  @Test
  void aFolderOfAnEncoderAndItsTokenizerAloneIsReadToo() throws IOException {
    assertThat(TextFiles.read(folder)).isEqualTo(read());
    Path alone = TinyParis.writeTextEncoder(root.resolve("clip"));
    assertThat(TextFiles.read(alone).config()).isEqualTo(TinyParis.TEXT);
    Files.delete(alone.resolve("config.json"));
    assertThatThrownBy(() -> TextFiles.read(alone)).hasMessageContaining("config.json is missing");
    assertThatThrownBy(() -> TextFiles.read(root.resolve("none")))
        .hasMessageContaining("no folder");
  }

  @Test
  void t5IsReadAndWrittenAgain() throws IOException {
    Folders.part(
        folder.resolve("text_encoder"),
        TextFiles.json(T5),
        new T5Encoder(T5),
        "model.safetensors",
        1);
    assertThat(read().config()).isEqualTo(T5);
    Files.writeString(
        folder.resolve("tokenizer/tokenizer_config.json"), "{\"model_max_length\": 40}");
    assertThat(read().maxTokens()).isEqualTo(40);
    config(Map.of("model_type", "t5", "feed_forward_proj", "relu"));
    refused("feed_forward_proj is 'relu', and the weights say gated-gelu");
    config(Map.of("model_type", "t5", "layer_norm_epsilon", 1e-5));
    refused("layer_norm_epsilon is");
  }

  @Test
  void whatIsNotUnderstoodIsRefusedByName() throws IOException {
    config(Map.of("model_type", "bert"));
    refused("text_encoder/config.json: model_type is 'bert', not clip_text_model or t5");
    config(Map.of("model_type", "clip_text_model", "hidden_act", "relu"));
    refused("hidden_act is 'relu', not quick_gelu or gelu");
    config(Map.of("model_type", "clip_text_model", "num_attention_heads", 5));
    refused("text heads 5 does not divide text width 32");
    config(Map.of("model_type", "clip_text_model", "num_attention_heads", 4));
    Files.writeString(folder.resolve("tokenizer/vocab.json"), "{\"<|startoftext|>\": 1}");
    refused("vocab.json has no <|endoftext|>");
    Files.delete(folder.resolve("tokenizer/merges.txt"));
    refused("neither tokenizer.json nor both vocab.json and merges.txt");
    Path weights = folder.resolve("text_encoder/model.safetensors");
    Files.move(weights, folder.resolve("text_encoder/pytorch_model.bin"));
    refused("text_encoder/model.safetensors is missing");
  }

  private void config(Map<String, Object> content) throws IOException {
    Files.writeString(
        folder.resolve("text_encoder/config.json"),
        JsonMapper.shared().writeValueAsString(content));
  }

  private TextEncoding read() throws IOException {
    return TextFiles.read(SourceFolder.open(folder));
  }

  private void refused(String why) {
    assertThatThrownBy(this::read).hasMessageContaining(why);
  }
}
