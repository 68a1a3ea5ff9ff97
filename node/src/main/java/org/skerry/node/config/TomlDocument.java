package org.skerry.node.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.dataformat.toml.TomlMapper;

/**
 * A parsed TOML text that still knows on which line a setting stands. The parser keeps no
 * locations, so the lines are found by a scan for {@code [section]} and {@code key =}.
 */
final class TomlDocument {
  private static final TomlMapper MAPPER = TomlMapper.builder().build();
  private static final Pattern SECTION = Pattern.compile("^\\s*\\[\\s*([A-Za-z0-9_.-]+)\\s*]");
  private static final Pattern KEY = Pattern.compile("^\\s*([A-Za-z0-9_.-]+)\\s*=");

  private final JsonNode root;
  private final Map<String, Integer> lines = new HashMap<>();
  private final List<Mistake> mistakes = new ArrayList<>();

  TomlDocument(String file, String text) {
    JsonNode parsed = JsonNodeFactory.instance.objectNode();
    try {
      if (!text.isBlank()) {
        parsed = MAPPER.readTree(text);
      }
    } catch (JacksonException e) {
      TokenStreamLocation at = e.getLocation();
      mistakes.add(
          new Mistake(
              at == null || at.getLineNr() < 1 ? file : file + ":" + at.getLineNr(),
              "this is not TOML (" + firstLine(e.getOriginalMessage()) + ")",
              "write [section], then key = value; texts stand in \"quotes\""));
    }
    root = parsed;
    findLines(text);
  }

  List<Mistake> mistakes() {
    return mistakes;
  }

  @Nullable JsonNode value(String path) {
    @Nullable JsonNode node = root;
    for (String step : path.split("\\.", -1)) {
      node = node == null ? null : node.get(step);
    }
    return node;
  }

  /** The paths of all values, such as {@code network.listen}. */
  TreeSet<String> paths() {
    TreeSet<String> out = new TreeSet<>();
    collect("", root, out);
    return out;
  }

  /** The line on which the value of {@code path} starts, or 0 when the scan does not find it. */
  int line(String path) {
    return lines.getOrDefault(path, 0);
  }

  private static void collect(String prefix, JsonNode node, TreeSet<String> out) {
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      String path = prefix.isEmpty() ? entry.getKey() : prefix + "." + entry.getKey();
      if (entry.getValue().isObject()) {
        collect(path, entry.getValue(), out);
      } else {
        out.add(path);
      }
    }
  }

  private void findLines(String text) {
    String section = "";
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      Matcher header = SECTION.matcher(line);
      Matcher key = KEY.matcher(line);
      if (header.find()) {
        section = header.group(1) + ".";
      } else if (key.find()) {
        lines.putIfAbsent(section + key.group(1), number);
      }
    }
  }

  private static String firstLine(@Nullable String text) {
    return text == null ? "syntax error" : text.lines().findFirst().orElse("syntax error");
  }
}
