package org.skerry.node.task;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * The names of a task's classes in the order of their numbers, as the blob that a manifest names
 * has them: one a line.
 */
public record ClassNames(List<String> names) {
  private static final int MAX_BYTES = 1 << 20;
  private static final int MAX_NAME_BYTES = 128;

  /**
   * @throws IllegalArgumentException when a name is none: empty, too long, or with characters that
   *     steer a terminal
   */
  public ClassNames {
    names = List.copyOf(names);
    for (String name : names) {
      if (name.isBlank() || name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
        throw new IllegalArgumentException(
            "the name of a class is empty or longer than " + MAX_NAME_BYTES + " bytes");
      }
      if (name.chars().anyMatch(ClassNames::steersTerminal)) {
        throw new IllegalArgumentException("the name of a class holds control characters");
      }
    }
  }

  private static boolean steersTerminal(int c) {
    int type = Character.getType(c);
    return type == Character.CONTROL
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR
        || (c >= 0x202a && c <= 0x202e)
        || (c >= 0x2066 && c <= 0x2069);
  }

  /** The bytes of the blob. */
  public byte[] encoded() {
    return (String.join("\n", names) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads a blob that came from anywhere.
   *
   * @param count of the classes
   * @throws IOException when it cannot be read, or holds anything but {@code count} names
   */
  public static ClassNames read(Path file, int count) throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw new IOException("the names of the classes take more than " + MAX_BYTES + " bytes");
    }
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
              .toString();
      String[] lines = text.split("\n", -1);
      if (lines.length != count + 1 || !lines[count].isEmpty()) {
        throw new IOException("the names of the classes are not " + count + " lines");
      }
      return new ClassNames(Arrays.asList(lines).subList(0, count));
    } catch (CharacterCodingException | IllegalArgumentException e) {
      throw new IOException("the names of the classes cannot be read: " + e.getMessage(), e);
    }
  }
}
