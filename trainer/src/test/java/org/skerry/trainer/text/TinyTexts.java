package org.skerry.trainer.text;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.skerry.diffusion.SeededRandom;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;

/** Captions as if an encoder had read them: each has states of its own. */
public final class TinyTexts {
  public static final int WIDTH = 8;
  public static final int MAX_TOKENS = 6;

  private TinyTexts() {}

  /**
   * A table of {@code captions} and the empty text. A caption has as many tokens as words, and two
   * for its ends.
   */
  public static Path write(Path file, String... captions) throws IOException {
    Map<String, HostTensor> texts = new LinkedHashMap<>();
    texts.put(TextTable.key(null), states(""));
    for (String caption : captions) {
      texts.put(TextTable.key(caption), states(caption));
    }
    new Safetensors(texts, Map.of()).write(file);
    return file;
  }

  /** What {@link #write} writes, opened. */
  public static TextTable table(Path file, String... captions) throws IOException {
    return TextTable.open(List.of(write(file, captions)), WIDTH, MAX_TOKENS);
  }

  private static HostTensor states(String caption) {
    int tokens = 2 + (caption.isEmpty() ? 0 : caption.split(" ", -1).length);
    SeededRandom random = SeededRandom.of(11, caption.hashCode());
    return TextTable.rounded(random.gaussians(tokens * WIDTH), tokens, WIDTH);
  }
}
