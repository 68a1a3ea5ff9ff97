package org.skerry.diffusion.text;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.skerry.diffusion.ClipTextConfig;
import org.skerry.diffusion.T5Config;
import org.skerry.diffusion.TextEncoderConfig;
import org.skerry.diffusion.text.TokenizerException.Reason;
import tools.jackson.databind.JsonNode;

/**
 * A tokenizer that was looked through, before native code sees it.
 *
 * @param json as {@code tokenizer.json} has it
 * @param padding number of the token that fills a text up; none where texts keep their length
 * @param maxTokens the longest text, the tokens at its ends counted
 */
public record TokenizerDefinition(JsonNode json, OptionalLong padding, int maxTokens) {
  /** Steps around the model; an honest tokenizer has about twenty values there. */
  private static final List<String> STEPS =
      List.of("normalizer", "pre_tokenizer", "post_processor", "decoder");

  private static final int MAX_NODES = 2000;
  private static final int MAX_TEXT = 1024;

  /** A table of characters, as large as it is because it is one. */
  private static final String TABLE = "precompiled_charsmap";

  static TokenizerDefinition of(
      JsonNode json, JsonNode special, JsonNode settings, TextEncoderConfig encoder)
      throws TokenizerException {
    Map<String, Long> numbers = numbers(json);
    for (Map.Entry<String, Long> token : numbers.entrySet()) {
      if (token.getValue() >= encoder.vocabulary()) {
        throw new TokenizerException(
            Reason.FOREIGN_VOCABULARY,
            "the tokenizer has a token number %d, and the text encoder knows %d: they are no pair"
                .formatted(token.getValue(), encoder.vocabulary()));
      }
    }
    for (String step : STEPS) {
      requireModest(step, json.path(step));
    }
    return switch (encoder) {
      case ClipTextConfig clip ->
          new TokenizerDefinition(
              json, OptionalLong.of(padding(numbers, special, settings)), clip.maxTokens());
      case T5Config t5 -> {
        int told = settings.path("model_max_length").asInt(t5.maxTokens());
        yield new TokenizerDefinition(
            json, OptionalLong.empty(), Math.clamp(told, 2, t5.maxTokens()));
      }
    };
  }

  /** The tokens and their numbers, of the model and of those added to it. */
  private static Map<String, Long> numbers(JsonNode json) throws TokenizerException {
    Map<String, Long> out = new HashMap<>();
    JsonNode vocabulary = json.path("model").path("vocab");
    if (vocabulary.isObject()) {
      for (Map.Entry<String, JsonNode> token : vocabulary.properties()) {
        put(out, token.getKey(), token.getValue());
      }
    } else if (vocabulary.isArray()) {
      long number = 0;
      for (JsonNode token : vocabulary) {
        out.putIfAbsent(token.path(0).asString(""), number++);
      }
    }
    if (out.isEmpty()) {
      throw new TokenizerException(
          Reason.MALFORMED, "the tokenizer has no model with a vocabulary");
    }
    for (JsonNode added : json.path("added_tokens")) {
      put(out, added.path("content").asString(""), added.path("id"));
    }
    return out;
  }

  private static void put(Map<String, Long> numbers, String token, JsonNode number)
      throws TokenizerException {
    if (!number.isIntegralNumber() || !number.canConvertToLong() || number.asLong() < 0) {
      throw new TokenizerException(Reason.MALFORMED, "a token of the tokenizer has no number");
    }
    numbers.put(token, number.asLong());
  }

  /** The token that the folder names, else CLIP's usual one. */
  private static long padding(Map<String, Long> numbers, JsonNode special, JsonNode settings)
      throws TokenizerException {
    String token = ClipTokenizer.END;
    for (JsonNode file : List.of(settings, special)) {
      JsonNode named = file.path("pad_token");
      token = named.isObject() ? named.path("content").asString(token) : named.asString(token);
    }
    Long number = numbers.get(token);
    if (number == null) {
      throw new TokenizerException(
          Reason.MALFORMED,
          "the token that fills texts up is none of the tokenizer's: see pad_token in "
              + TokenizerFiles.SPECIAL);
    }
    return number;
  }

  /** A step could make much of little, or of every character a book; honest ones are small. */
  private static void requireModest(String step, JsonNode node) throws TokenizerException {
    int[] nodes = {0};
    if (!modest(node, nodes)) {
      throw new TokenizerException(
          Reason.TOO_LARGE,
          "the tokenizer's %s has more than %d values, or text of more than %d characters"
              .formatted(step, MAX_NODES, MAX_TEXT));
    }
  }

  private static boolean modest(JsonNode node, int[] nodes) {
    if (++nodes[0] > MAX_NODES || (node.isString() && node.asString().length() > MAX_TEXT)) {
      return false;
    }
    if (node.isObject()) {
      return node.properties().stream()
          .allMatch(field -> field.getKey().equals(TABLE) || modest(field.getValue(), nodes));
    }
    for (JsonNode element : node) {
      if (!modest(element, nodes)) {
        return false;
      }
    }
    return true;
  }
}
