package org.skerry.diffusion.text;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.skerry.diffusion.text.TokenizerException.Reason;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The tokenizer of CLIP (Radford et al., arXiv 2103.00020), of which older folders hold only what
 * was learned: {@code vocab.json} and {@code merges.txt}. The rest is the same for all: text is
 * normalised (NFC), set in lower case with single spaces, cut into words, numbers' digits and other
 * signs, and those into pairs of bytes (Sennrich et al., arXiv 1508.07909), the last of a word
 * marked {@code </w>}; a token before and one behind mark the text's ends.
 */
final class ClipTokenizer {
  static final String START = "<|startoftext|>";
  static final String END = "<|endoftext|>";

  /** CLIP's own; other byte pairs under these names are cut elsewhere and spell otherwise. */
  private static final String WORDS =
      "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d"
          + "|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private ClipTokenizer() {}

  /** As {@code tokenizer.json} would have said it. */
  static JsonNode of(JsonNode vocabulary, String merges) throws TokenizerException {
    for (String token : List.of(START, END)) {
      JsonNode number = vocabulary.path(token);
      if (!number.isIntegralNumber() || !number.canConvertToInt()) {
        throw new TokenizerException(
            Reason.MALFORMED,
            TokenizerFiles.VOCABULARY
                + " has no "
                + token
                + ", so it is not CLIP's: give the tokenizer.json of the tokenizer");
      }
    }
    ObjectNode out = JSON.objectNode();
    ArrayNode added = out.put("version", "1.0").putArray("added_tokens");
    for (String token : new TreeSet<>(List.of(START, END))) {
      added
          .addObject()
          .put("id", vocabulary.path(token).asInt())
          .put("content", token)
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", true);
    }
    out.set("normalizer", normalizer());
    out.set("pre_tokenizer", words());
    ObjectNode ends = out.putObject("post_processor").put("type", "RobertaProcessing");
    ends.put("trim_offsets", false).put("add_prefix_space", false);
    ends.putArray("sep").add(END).add(vocabulary.path(END).asInt());
    ends.putArray("cls").add(START).add(vocabulary.path(START).asInt());
    out.set("model", model(vocabulary, merges));
    return out;
  }

  private static ObjectNode normalizer() {
    ObjectNode out = JSON.objectNode().put("type", "Sequence");
    ArrayNode steps = out.putArray("normalizers");
    steps.addObject().put("type", "NFC");
    ObjectNode spaces = steps.addObject().put("type", "Replace").put("content", " ");
    spaces.putObject("pattern").put("Regex", "\\s+");
    steps.addObject().put("type", "Lowercase");
    return out;
  }

  private static ObjectNode words() {
    ObjectNode out = JSON.objectNode().put("type", "Sequence");
    ArrayNode steps = out.putArray("pretokenizers");
    ObjectNode split = steps.addObject().put("type", "Split");
    split.put("behavior", "Removed").put("invert", true);
    split.putObject("pattern").put("Regex", WORDS);
    steps
        .addObject()
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", true);
    return out;
  }

  private static ObjectNode model(JsonNode vocabulary, String merges) throws TokenizerException {
    ObjectNode out = JSON.objectNode().put("type", "BPE").put("unk_token", END);
    out.put("continuing_subword_prefix", "").put("end_of_word_suffix", "</w>");
    out.put("fuse_unk", false).put("byte_fallback", false).putNull("dropout");
    ObjectNode numbers = out.putObject("vocab");
    for (Map.Entry<String, JsonNode> token : vocabulary.properties()) {
      numbers.set(token.getKey(), token.getValue());
    }
    ArrayNode pairs = out.putArray("merges");
    for (String line : merges.split("\n", -1)) {
      String pair = line.stripTrailing();
      if (pair.isEmpty() || pair.startsWith("#version")) {
        continue;
      }
      if (pair.chars().filter(c -> c == ' ').count() != 1) {
        throw new TokenizerException(
            Reason.MALFORMED, TokenizerFiles.MERGES + " has a line that is no pair of tokens");
      }
      pairs.add(pair);
    }
    return out;
  }
}
