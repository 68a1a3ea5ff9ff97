package org.skerry.trainer.text;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.safetensors.ElementType;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;

/**
 * What a text encoder made of captions: safetensors files with one tensor a caption, {@code F16
 * [tokens, width]}, named by the SHA-256 of the caption's UTF-8 in hexadecimal. The empty text,
 * which stands for "no caption", is always among them. Files are mapped, so that what is read now
 * and then takes no memory of the worker's own. Thread-safe.
 */
public final class TextTable {
  private static final String EMPTY = "";

  private final int width;
  private final Map<String, Integer> numbers;
  private final List<HostTensor> texts;
  private final int empty;

  private TextTable(int width, Map<String, Integer> numbers, List<HostTensor> texts)
      throws TrainerException {
    this.width = width;
    this.numbers = numbers;
    this.texts = List.copyOf(texts);
    this.empty = numberOf(EMPTY);
  }

  /**
   * Maps files; of a caption that several have, the first counts.
   *
   * @param width of a token
   * @param maxTokens of a text
   * @throws TrainerException when a file is malformed, holds anything else, or lacks the empty text
   */
  public static TextTable open(List<Path> files, int width, int maxTokens) throws TrainerException {
    Map<String, Integer> numbers = new HashMap<>();
    List<HostTensor> texts = new ArrayList<>();
    for (Path file : files) {
      try {
        Safetensors.map(file)
            .tensors()
            .forEach((key, text) -> {
              require(text, width, maxTokens);
              if (numbers.putIfAbsent(key, texts.size()) == null) {
                texts.add(text);
              }
            });
      } catch (IOException | IllegalArgumentException e) {
        throw new TrainerException(
            Reason.CORRUPT_ARCHIVE,
            "%s is no table of encoded captions (%s); get it again".formatted(file, e.getMessage()),
            e);
      }
    }
    return new TextTable(width, numbers, texts);
  }

  /** A table of the empty text alone, which says nothing: to measure how long reading takes. */
  public static TextTable blank(int tokens, int width) throws TrainerException {
    if (tokens < 1) {
      throw new IllegalArgumentException("a text of " + tokens + " tokens");
    }
    HostTensor zeros = rounded(new float[Math.multiplyExact(tokens, width)], tokens, width);
    return new TextTable(width, Map.of(key(EMPTY), 0), List.of(zeros));
  }

  private static void require(HostTensor text, int width, int maxTokens) {
    List<Long> shape = text.shape();
    if (text.type() != ElementType.F16
        || shape.size() != 2
        || shape.get(0) < 1
        || shape.get(0) > maxTokens
        || shape.get(1) != width) {
      throw new IllegalArgumentException(
          "a text is %s%s, not F16[1 to %d, %d]".formatted(text.type(), shape, maxTokens, width));
    }
  }

  /** The name under which a caption stands; no caption is the empty one. */
  public static String key(@Nullable String caption) {
    byte[] text = plain(caption).getBytes(StandardCharsets.UTF_8);
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** A caption as it reads in a shard: without spaces around it, and empty when there is none. */
  public static String plain(@Nullable String caption) {
    return caption == null
        ? EMPTY
        : new String(caption.strip().getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }

  /**
   * Rounds states to float16.
   *
   * @param states row-major {@code [tokens, width]}
   * @throws IllegalArgumentException when one of them is no finite number there
   */
  public static HostTensor rounded(float[] states, long tokens, long width) {
    ByteBuffer bytes = ByteBuffer.allocateDirect(Math.multiplyExact(states.length, Short.BYTES));
    ShortBuffer out = bytes.order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
    for (float state : states) {
      short half = Float.floatToFloat16(state);
      if (!Float.isFinite(Float.float16ToFloat(half))) {
        throw new IllegalArgumentException(state + " has no place in float16");
      }
      out.put(half);
    }
    return new HostTensor(ElementType.F16, List.of(tokens, width), bytes);
  }

  /**
   * Writes a table of what this one has of {@code captions}, and of the empty text. The same
   * captions give the same bytes, in any order.
   *
   * @throws TrainerException when one is missing
   */
  public void write(Collection<@Nullable String> captions, Path file) throws IOException {
    Map<String, HostTensor> chosen = new LinkedHashMap<>();
    chosen.put(key(EMPTY), texts.get(empty));
    for (String caption : captions) {
      chosen.put(key(caption), texts.get(numberOf(caption)));
    }
    new Safetensors(chosen, Map.of()).write(file);
  }

  /** Width of a token. */
  int width() {
    return width;
  }

  /** The number of the empty text. */
  public int empty() {
    return empty;
  }

  /**
   * The number of a caption.
   *
   * @throws TrainerException when it was never encoded
   */
  public int numberOf(@Nullable String caption) throws TrainerException {
    Integer number = numbers.get(key(caption));
    if (number == null) {
      String text = plain(caption);
      throw new TrainerException(
          Reason.CORRUPT_ARCHIVE,
          "%s is not among the encoded captions; get the shard again"
              .formatted(text.isEmpty() ? "the empty text" : "a caption of a sample"));
    }
    return number;
  }

  /** Tokens of a text. */
  int tokens(int number) {
    return Math.toIntExact(texts.get(number).shape().getFirst());
  }

  /**
   * Writes the states of a text to {@code target} from {@code offset} on, token by token.
   *
   * @throws TrainerException when one is no finite number
   */
  void copyTo(int number, float[] target, int offset) throws TrainerException {
    ShortBuffer halves = texts.get(number).data().asShortBuffer();
    for (int at = offset; halves.hasRemaining(); at++) {
      float state = Float.float16ToFloat(halves.get());
      if (!Float.isFinite(state)) {
        throw new TrainerException(
            Reason.CORRUPT_ARCHIVE, "an encoded caption is no finite number; get the shard again");
      }
      target[at] = state;
    }
  }
}
