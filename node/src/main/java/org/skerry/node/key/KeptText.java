package org.skerry.node.key;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.skerry.board.BoardException;
import org.skerry.board.document.EnvelopeReader;
import org.skerry.board.document.KeyRecord;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.home.AtomicFile;
import org.skerry.node.home.DiskTrouble;

/**
 * A small file that people keep off their computers, so it is text that survives being printed:
 * lines that begin with {@code #} are for them, the others are {@code name: base64}.
 */
final class KeptText {
  /** Far more than any of these files has. */
  private static final long MAX_BYTES = 64 << 10;

  private KeptText() {}

  /** Writes a file that must not exist, readable by the owner only. */
  static void write(Path file, List<String> remarks, Map<String, byte[]> parts)
      throws NodeException {
    if (Files.exists(file)) {
      throw new NodeException(
          Reason.USAGE, file + " exists already", "name another file with --out");
    }
    List<String> lines = new ArrayList<>();
    remarks.forEach(remark -> lines.add("# " + remark));
    parts.forEach(
        (name, bytes) -> lines.add(name + ": " + Base64.getEncoder().encodeToString(bytes)));
    try {
      AtomicFile.writeSecret(
          file, (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw DiskTrouble.cannotWrite(file, e);
    }
  }

  /** The parts of a file. */
  static Map<String, byte[]> read(Path file) throws NodeException {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw damaged(file, "it is far too large", Optional.empty());
      }
      Map<String, byte[]> parts = new TreeMap<>();
      for (String line : Files.readAllLines(file)) {
        int colon = line.indexOf(": ");
        if (!line.isBlank() && !line.startsWith("#") && colon > 0) {
          parts.put(
              line.substring(0, colon),
              Base64.getDecoder().decode(line.substring(colon + 2).strip()));
        }
      }
      return parts;
    } catch (NoSuchFileException e) {
      throw new NodeException(Reason.NOT_FOUND, "there is no file " + file, "check the path", e);
    } catch (IOException | IllegalArgumentException e) {
      throw damaged(file, "it is no text of this kind", Optional.of(e));
    }
  }

  /** The statements in a part of {@code file}. */
  static KeyRecord statements(Path file, Map<String, byte[]> parts, String name)
      throws NodeException {
    byte[] bytes = parts.get(name);
    if (bytes == null) {
      throw damaged(file, "it has no line \"" + name + ": …\"", Optional.empty());
    }
    try {
      return KeyRecord.decode(bytes, EnvelopeReader.ANEW);
    } catch (BoardException e) {
      throw damaged(file, String.valueOf(e.getMessage()), Optional.of(e));
    }
  }

  static NodeException damaged(Path file, String why, Optional<Exception> cause) {
    String what = file + " is not what `skerry keys` wrote (" + why + ")";
    String remedy = "use the file as it was written, or another copy of it";
    return cause
        .map(e -> new NodeException(Reason.KEY_INVALID, what, remedy, e))
        .orElseGet(() -> new NodeException(Reason.KEY_INVALID, what, remedy));
  }
}
