package org.skerry.node.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads typed values out of one TOML file and the environment, and collects every mistake instead
 * of stopping at the first. The environment variable {@code SKERRY_SECTION_KEY} overrides {@code
 * key} of {@code [section]}, with an underscore for each dash. Used by one thread.
 */
final class Settings {
  private final String file;
  private final TomlDocument document;
  private final Map<String, String> environment;
  private final TreeSet<String> known = new TreeSet<>();
  private final List<Mistake> mistakes = new ArrayList<>();

  Settings(String file, TomlDocument document, Map<String, String> environment) {
    this.file = file;
    this.document = document;
    this.environment = environment;
    mistakes.addAll(document.mistakes());
  }

  String text(String path, String otherwise) {
    return value(path, otherwise, "write a text in quotes", JsonNode::isString, JsonNode::asString);
  }

  boolean flag(String path, boolean otherwise) {
    String set = variable(path);
    if (set != null && !set.equals("true") && !set.equals("false")) {
      mistakes.add(inVariable(path, set, "write true or false"));
      return otherwise;
    }
    return set != null
        ? Boolean.parseBoolean(set)
        : fromFile(
            path, otherwise, "write true or false", JsonNode::isBoolean, JsonNode::asBoolean);
  }

  int integer(String path, int min, int max, int otherwise) {
    String remedy = "write a whole number from " + min + " to " + max;
    String set = variable(path);
    if (set != null) {
      if (set.matches("\\d{1,9}") && Integer.parseInt(set) >= min && Integer.parseInt(set) <= max) {
        return Integer.parseInt(set);
      }
      mistakes.add(inVariable(path, set, remedy));
      return otherwise;
    }
    return fromFile(
        path,
        otherwise,
        remedy,
        v -> v.isIntegralNumber() && v.asLong() >= min && v.asLong() <= max,
        JsonNode::asInt);
  }

  /** A text that {@code parse} understands or refuses with an {@link IllegalArgumentException}. */
  <T> Optional<T> parsed(String path, String remedy, Function<String, T> parse) {
    String text = text(path, "");
    return text.isEmpty() ? Optional.empty() : tryParse(path, text, remedy, parse);
  }

  /** A list of texts; in the environment they are separated by commas. */
  <T> Optional<List<T>> list(String path, String remedy, Function<String, T> parse) {
    List<String> texts = new ArrayList<>();
    String set = variable(path);
    if (set != null) {
      for (String part : set.split(",", -1)) {
        if (!part.isBlank()) {
          texts.add(part.strip());
        }
      }
    } else {
      @Nullable JsonNode node = document.value(path);
      known.add(path);
      if (node == null) {
        return Optional.empty();
      }
      if (!node.isArray()) {
        mistakes.add(inFile(path, path + " is no list", "write [\"…\", \"…\"]"));
        return Optional.empty();
      }
      for (JsonNode element : node) {
        texts.add(element.isString() ? element.asString() : element.toString());
      }
    }
    List<T> out = new ArrayList<>();
    for (String text : texts) {
      tryParse(path, text, remedy, parse).ifPresent(out::add);
    }
    return Optional.of(out);
  }

  private <T> Optional<T> tryParse(
      String path, String text, String remedy, Function<String, T> parse) {
    try {
      return Optional.of(parse.apply(text));
    } catch (IllegalArgumentException e) {
      String what = path + " = \"" + text + "\" is not valid (" + e.getMessage() + ")";
      mistakes.add(
          variable(path) != null
              ? new Mistake(variableName(path), what, remedy)
              : inFile(path, what, remedy));
      return Optional.empty();
    }
  }

  private String value(
      String path,
      String otherwise,
      String remedy,
      Function<JsonNode, Boolean> fits,
      Function<JsonNode, String> convert) {
    String set = variable(path);
    return set != null ? set : fromFile(path, otherwise, remedy, fits, convert);
  }

  private <T> T fromFile(
      String path,
      T otherwise,
      String remedy,
      Function<JsonNode, Boolean> fits,
      Function<JsonNode, T> convert) {
    known.add(path);
    @Nullable JsonNode node = document.value(path);
    if (node == null) {
      return otherwise;
    }
    if (!fits.apply(node)) {
      mistakes.add(inFile(path, path + " = " + node + " is not valid", remedy));
      return otherwise;
    }
    return convert.apply(node);
  }

  /** The mistakes so far, and one for every key that nothing asked for. */
  List<Mistake> mistakes() {
    List<Mistake> all = new ArrayList<>(mistakes);
    for (String path : document.paths()) {
      if (!known.contains(path)) {
        all.add(
            inFile(
                path,
                "there is no setting " + path,
                Nearest.to(path, known)
                    .map(near -> "did you mean " + near + "?")
                    .orElse("remove it; the settings are " + String.join(", ", known))));
      }
    }
    return all.stream().distinct().toList();
  }

  private @Nullable String variable(String path) {
    known.add(path);
    return environment.get(variableName(path));
  }

  static String variableName(String path) {
    return "SKERRY_" + path.replace('.', '_').replace('-', '_').toUpperCase(java.util.Locale.ROOT);
  }

  private Mistake inVariable(String path, String value, String remedy) {
    return new Mistake(variableName(path), "\"" + value + "\" is not valid", remedy);
  }

  private Mistake inFile(String path, String what, String remedy) {
    int line = document.line(path);
    return new Mistake(line > 0 ? file + ":" + line : file, what, remedy);
  }
}
