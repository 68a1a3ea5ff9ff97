package org.skerry.diffusion.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalLong;
import org.skerry.diffusion.text.TokenizerException.Reason;
import org.skerry.diffusion.torch.Torch;

/**
 * Turns a text into token numbers, with Hugging Face's tokenizers library in native code: for the
 * worker process, which a fault in there can end. Nothing is downloaded. One thread at a time.
 */
public final class TextTokenizer implements AutoCloseable {
  /** Characters of a text. No encoder sees more than a few hundred tokens. */
  public static final int MAX_CHARACTERS = 16_384;

  /** What the file says of lengths is for its author's batches. */
  private static final Map<String, String> AS_IT_COMES =
      Map.of("truncation", "do_not_truncate", "padding", "do_not_pad");

  private final HuggingFaceTokenizer library;
  private final OptionalLong padding;
  private final int maxTokens;

  private TextTokenizer(HuggingFaceTokenizer library, OptionalLong padding, int maxTokens) {
    this.library = library;
    this.padding = padding;
    this.maxTokens = maxTokens;
  }

  /**
   * Loads a tokenizer.
   *
   * @throws TokenizerException when the library refuses it
   */
  public static TextTokenizer open(TokenizerDefinition definition) throws IOException {
    // Sets the engine's switches against downloads and telemetry, which this library obeys too.
    Torch.start();
    byte[] json = definition.json().toString().getBytes(StandardCharsets.UTF_8);
    try {
      return new TextTokenizer(
          HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), AS_IT_COMES),
          definition.padding(),
          definition.maxTokens());
    } catch (RuntimeException e) {
      throw new TokenizerException(
          Reason.REFUSED, "the tokenizer cannot be used (" + e.getMessage() + ")", e);
    }
  }

  /**
   * The tokens of a text, those that mark its ends with them. A text that is too long loses the
   * tokens before the last, which marks its end; a short one is filled up where that is the
   * encoder's way.
   *
   * @param text at most {@link #MAX_CHARACTERS}
   */
  public long[] ids(String text) {
    if (text.length() > MAX_CHARACTERS) {
      throw new IllegalArgumentException(
          "a text of %d characters is longer than %d".formatted(text.length(), MAX_CHARACTERS));
    }
    // Half of a character, which Java's strings can hold, is none for the library.
    String whole = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    long[] all = library.encode(whole, true, false).getIds();
    if (all.length > maxTokens) {
      long[] cut = Arrays.copyOf(all, maxTokens);
      cut[maxTokens - 1] = all[all.length - 1];
      return cut;
    }
    if (padding.isEmpty()) {
      return all;
    }
    long[] filled = Arrays.copyOf(all, maxTokens);
    Arrays.fill(filled, all.length, maxTokens, padding.getAsLong());
    return filled;
  }

  @Override
  public void close() {
    library.close();
  }
}
