package org.skerry.node.ensemble.folder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.skerry.diffusion.ClipTextConfig;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.T5Config;
import org.skerry.diffusion.TextEncoder;
import org.skerry.diffusion.TextEncoderConfig;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.diffusion.text.TokenizerFiles;
import org.skerry.node.task.TextEncoding;
import tools.jackson.databind.JsonNode;

/**
 * The text encoder and the tokenizer of a folder, as Hugging Face's transformers write them. Of the
 * configuration only that is read which the weights do not tell, or tell too.
 */
public final class TextFiles {
  private static final int MAX_CONFIG_BYTES = 64 << 10;

  private static final Set<String> CLIP = Set.of("clip_text_model", "clip");
  private static final String T5 = "t5";

  /** A head of published models is this wide, in CLIP of any size. */
  private static final int USUAL_HEAD = 64;

  private static final int USUAL_DISTANCE = 128;

  private TextFiles() {}

  /**
   * Looks through both, without native code: in {@code text_encoder/} and {@code tokenizer/} of a
   * folder, or side by side in the folder itself.
   *
   * @throws IOException when something is missing, or is not what this program can read
   */
  public static TextEncoding read(Path folder) throws IOException {
    SourceFolder source = SourceFolder.open(folder);
    try {
      return source.has(Layout.TEXT_ENCODER) ? read(source) : read(source, "", "");
    } catch (IllegalArgumentException e) {
      throw new IOException(PlainText.shown(String.valueOf(e.getMessage())), e);
    }
  }

  /** Looks through both, without native code. */
  static TextEncoding read(SourceFolder folder) throws IOException {
    return read(folder, Layout.TEXT_ENCODER + "/", Layout.TOKENIZER + "/");
  }

  private static TextEncoding read(SourceFolder folder, String encoderPart, String tokenizerPart)
      throws IOException {
    String where = encoderPart + Layout.CONFIG;
    JsonNode json = folder.json(where, MAX_CONFIG_BYTES);
    Path weights = folder.file(encoderPart + Layout.TEXT_WEIGHTS);
    Map<String, HostTensor> tensors = Safetensors.map(weights).tensors();
    String type = json.path("model_type").asString("");
    TextEncoderConfig config;
    if (CLIP.contains(type)) {
      config = clip(where, json, tensors);
    } else if (type.equals(T5)) {
      config = t5(where, json, tensors);
    } else {
      throw new IOException(
          "%s: model_type is %s, not clip_text_model or t5"
              .formatted(where, PlainText.shown(json.path("model_type"))));
    }
    Parameters.requireFits(TextEncoder.of(config), weights);
    TokenizerFiles tokenizer = tokenizer(folder, tokenizerPart);
    int maxTokens = tokenizer.definition(config).maxTokens();
    return new TextEncoding(config, maxTokens, weights, tokenizer);
  }

  private static TextEncoderConfig clip(
      String where, JsonNode json, Map<String, HostTensor> tensors) throws IOException {
    require(where, json, "layer_norm_eps", 1e-5);
    String act = json.path("hidden_act").asString("quick_gelu");
    ClipTextConfig.Activation activation =
        switch (act) {
          case "quick_gelu" -> ClipTextConfig.Activation.QUICK_GELU;
          case "gelu" -> ClipTextConfig.Activation.GELU;
          default ->
              throw new IOException(
                  "%s: hidden_act is %s, not quick_gelu or gelu"
                      .formatted(where, PlainText.shown(json.path("hidden_act"))));
        };
    int usual = Math.max(1, json.path("hidden_size").asInt(USUAL_HEAD) / USUAL_HEAD);
    return ClipTextConfig.of(tensors, json.path("num_attention_heads").asInt(usual), activation);
  }

  private static TextEncoderConfig t5(String where, JsonNode json, Map<String, HostTensor> tensors)
      throws IOException {
    require(where, json, "layer_norm_epsilon", 1e-6);
    T5Config config =
        T5Config.of(tensors, json.path("relative_attention_max_distance").asInt(USUAL_DISTANCE));
    String told = json.path("feed_forward_proj").asString("relu");
    if (!told.equals(written(config.activation()))) {
      throw new IOException(
          "%s: feed_forward_proj is %s, and the weights say %s"
              .formatted(
                  where,
                  PlainText.shown(json.path("feed_forward_proj")),
                  written(config.activation())));
    }
    return config;
  }

  private static String written(T5Config.Activation activation) {
    return activation.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static void require(String where, JsonNode json, String key, double value)
      throws IOException {
    if (Math.abs(json.path(key).asDouble(value) - value) > 1e-9) {
      throw new IOException(
          "%s: %s is %s, not %s".formatted(where, key, PlainText.shown(json.path(key)), value));
    }
  }

  private static TokenizerFiles tokenizer(SourceFolder folder, String part) throws IOException {
    Map<String, Path> out = new TreeMap<>();
    for (String name : TokenizerFiles.NAMES) {
      if (folder.has(part + name)) {
        out.put(name, folder.file(part + name));
      }
    }
    return new TokenizerFiles(out);
  }

  /** A configuration as transformers write it, so that transformers can load it. */
  static Map<String, Object> json(TextEncoderConfig config) {
    Map<String, Object> out = new LinkedHashMap<>();
    switch (config) {
      case ClipTextConfig c -> {
        out.put("architectures", List.of("CLIPTextModel"));
        out.put("hidden_act", c.activation().name().toLowerCase(Locale.ROOT));
        out.put("hidden_size", c.width());
        out.put("intermediate_size", c.inner());
        out.put("layer_norm_eps", 1e-5);
        out.put("max_position_embeddings", c.maxTokens());
        out.put("model_type", "clip_text_model");
        out.put("num_attention_heads", c.heads());
        out.put("num_hidden_layers", c.depth());
        out.put("vocab_size", c.vocabulary());
      }
      case T5Config c -> {
        out.put("architectures", List.of("T5EncoderModel"));
        out.put("d_ff", c.inner());
        out.put("d_kv", c.headWidth());
        out.put("d_model", c.width());
        out.put("feed_forward_proj", written(c.activation()));
        out.put("is_encoder_decoder", true);
        out.put("layer_norm_epsilon", 1e-6);
        out.put("model_type", T5);
        out.put("num_heads", c.heads());
        out.put("num_layers", c.depth());
        out.put("relative_attention_max_distance", c.maxDistance());
        out.put("relative_attention_num_buckets", c.buckets());
        out.put("vocab_size", c.vocabulary());
      }
    }
    return out;
  }
}
