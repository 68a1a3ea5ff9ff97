package org.skerry.diffusion.text;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** A tokenizer of CLIP's kind that knows the bytes of ASCII and the words "a" and "cat". */
public final class TinyClip {
  /** As many as the tokens that it has. */
  public static final int VOCABULARY = 2 * 94 + 5;

  private static final int FIRST = '!';
  private static final int LAST = '~';

  private TinyClip() {}

  /** The number of a character, or of one that ends a word. */
  static long number(char character, boolean last) {
    return character - FIRST + (last ? LAST - FIRST + 1 : 0);
  }

  static final long CAT = 2 * 94 + 2;
  static final long START = 2 * 94 + 3;
  static final long END = 2 * 94 + 4;

  /** {@code vocab.json} and {@code merges.txt}, as older folders have them. */
  public static TokenizerFiles write(Path folder) throws IOException {
    List<String> tokens = new ArrayList<>();
    for (String suffix : List.of("", "</w>")) {
      for (char c = FIRST; c <= LAST; c++) {
        tokens.add(c + suffix);
      }
    }
    tokens.addAll(List.of("ca", "t</w>t</w>", "cat</w>", "<|startoftext|>", "<|endoftext|>"));
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    tokens.forEach(token -> vocabulary.put(token, vocabulary.size()));
    Path vocab =
        Files.writeString(
            folder.resolve("vocab.json"), JsonMapper.shared().writeValueAsString(vocabulary));
    Path merges =
        Files.writeString(
            folder.resolve("merges.txt"), "#version: 0.2\nc a\nca t</w>\n", StandardCharsets.UTF_8);
    return new TokenizerFiles(Map.of("vocab.json", vocab, "merges.txt", merges));
  }
}
