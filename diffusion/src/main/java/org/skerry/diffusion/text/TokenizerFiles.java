package org.skerry.diffusion.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.skerry.diffusion.TextEncoderConfig;
import org.skerry.diffusion.text.TokenizerException.Reason;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The files of a tokenizer's folder, by name. They are trusted in nothing: read up to a size, as
 * plain data, and {@link #definition} says what is wrong with them without native code.
 *
 * @param paths of those of {@link #NAMES} that there are
 */
public record TokenizerFiles(Map<String, Path> paths) {
  static final String FAST = "tokenizer.json";
  static final String VOCABULARY = "vocab.json";
  static final String MERGES = "merges.txt";
  static final String SETTINGS = "tokenizer_config.json";
  static final String SPECIAL = "special_tokens_map.json";

  /** Every file of the folder that is looked at. */
  public static final List<String> NAMES = List.of(FAST, VOCABULARY, MERGES, SETTINGS, SPECIAL);

  /** The tokenizer of a T5 has 2.5 MB, the largest that are published 17. */
  private static final int MAX_BYTES = 20 << 20;

  private static final JsonMapper JSON = JsonMapper.shared();

  public TokenizerFiles {
    for (String name : paths.keySet()) {
      if (!NAMES.contains(name)) {
        throw new IllegalArgumentException("'" + name + "' is no file of a tokenizer");
      }
    }
    paths = Map.copyOf(paths);
  }

  /**
   * What the files say, checked.
   *
   * @param encoder that the tokens are for
   * @throws TokenizerException when they are missing, too large, or no tokenizer of this encoder
   */
  public TokenizerDefinition definition(TextEncoderConfig encoder) throws IOException {
    JsonNode json = paths.containsKey(FAST) ? object(FAST) : ofOlderLayout();
    return TokenizerDefinition.of(json, optional(SPECIAL), optional(SETTINGS), encoder);
  }

  private JsonNode ofOlderLayout() throws IOException {
    if (!paths.containsKey(VOCABULARY) || !paths.containsKey(MERGES)) {
      throw new TokenizerException(
          Reason.MISSING,
          "the tokenizer has neither %s nor both %s and %s: save it as a fast tokenizer"
              .formatted(FAST, VOCABULARY, MERGES));
    }
    return ClipTokenizer.of(object(VOCABULARY), text(MERGES));
  }

  private JsonNode optional(String name) throws IOException {
    return paths.containsKey(name) ? object(name) : JsonNodeFactory.instance.objectNode();
  }

  private JsonNode object(String name) throws IOException {
    try {
      JsonNode json = JSON.readTree(bytes(name));
      if (!json.isObject()) {
        throw new TokenizerException(Reason.NOT_JSON, name + " holds no JSON object");
      }
      return json;
    } catch (JacksonException e) {
      throw new TokenizerException(
          Reason.NOT_JSON, name + " is no JSON (" + e.getOriginalMessage() + ")", e);
    }
  }

  private String text(String name) throws IOException {
    return new String(bytes(name), StandardCharsets.UTF_8);
  }

  private byte[] bytes(String name) throws IOException {
    Path path = paths.get(name);
    if (path == null) {
      throw new TokenizerException(Reason.MISSING, name + " is missing");
    }
    try (InputStream in = Files.newInputStream(path)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new TokenizerException(
            Reason.TOO_LARGE, name + " has more than " + MAX_BYTES + " bytes");
      }
      return bytes;
    }
  }
}
