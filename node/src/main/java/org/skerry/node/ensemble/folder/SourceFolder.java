package org.skerry.node.ensemble.folder;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A folder that somebody else filled: nothing is read that is too large or lies outside of it. */
record SourceFolder(Path root) {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Pattern EXPERT = Pattern.compile(Layout.EXPERT + "(0|[1-9]\\d{0,4})");
  private static final int MAX_ENTRIES = 10_000;

  static SourceFolder open(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new IOException(folder + " is no folder");
    }
    return new SourceFolder(folder.toRealPath());
  }

  /** The name by which the folder is called. */
  String name() {
    return root.getFileName() == null ? "" : root.getFileName().toString();
  }

  boolean has(String relative) {
    return Files.exists(root.resolve(relative), LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * A file in the folder.
   *
   * @throws IOException when it is none, is missing, or leads elsewhere
   */
  Path file(String relative) throws IOException {
    Path named = root.resolve(relative);
    if (!has(relative)) {
      throw new IOException(relative + " is missing");
    }
    Path real = named.toRealPath();
    if (!real.startsWith(root)) {
      throw new IOException(
          relative + " is a link that leads out of the folder: copy the folder with `cp -rL`");
    }
    if (!Files.isRegularFile(real)) {
      throw new IOException(relative + " is no file");
    }
    return real;
  }

  /** The weights in a part's folder, under the first of their names that is there. */
  Path weights(String part) throws IOException {
    for (String name : Layout.WEIGHTS_NAMES) {
      if (has(part + "/" + name)) {
        return file(part + "/" + name);
      }
    }
    throw new IOException(part + "/" + Layout.WEIGHTS + " is missing");
  }

  byte[] bytes(String relative, int maxBytes) throws IOException {
    try (InputStream in = Files.newInputStream(file(relative))) {
      byte[] bytes = in.readNBytes(maxBytes + 1);
      if (bytes.length > maxBytes) {
        throw new IOException(relative + " has more than " + maxBytes + " bytes");
      }
      return bytes;
    }
  }

  /** A JSON object. */
  JsonNode json(String relative, int maxBytes) throws IOException {
    try {
      JsonNode node = JSON.readTree(bytes(relative, maxBytes));
      if (!node.isObject()) {
        throw new IOException(relative + " holds no JSON object");
      }
      return node;
    } catch (JacksonException e) {
      throw new IOException(relative + " is no JSON (" + e.getOriginalMessage() + ")", e);
    }
  }

  Optional<JsonNode> jsonIfPresent(String relative, int maxBytes) throws IOException {
    return has(relative) ? Optional.of(json(relative, maxBytes)) : Optional.empty();
  }

  /** The folders of experts, by partition. */
  SortedMap<Integer, String> experts() throws IOException {
    SortedMap<Integer, String> out = new TreeMap<>();
    try (Stream<Path> entries = Files.list(root)) {
      for (Path entry : entries.limit(MAX_ENTRIES + 1L).toList()) {
        Matcher expert = EXPERT.matcher(entry.getFileName().toString());
        if (expert.matches()) {
          out.put(Integer.parseInt(expert.group(1)), expert.group());
        }
      }
    }
    return out;
  }
}
