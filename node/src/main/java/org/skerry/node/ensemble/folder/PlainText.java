package org.skerry.node.ensemble.folder;

import java.io.IOException;
import tools.jackson.databind.JsonNode;

/** Words from a folder that may mean harm: short, and without what steers a terminal. */
final class PlainText {
  private static final int MAX_SHOWN = 200;

  private PlainText() {}

  /** Whether a terminal, or the order of letters on it, would follow {@code c}. */
  private static boolean steers(int c) {
    int type = Character.getType(c);
    return type == Character.CONTROL
        || type == Character.FORMAT
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR
        || type == Character.SURROGATE;
  }

  /** {@code text} as an error message may quote it. */
  static String shown(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints().limit(MAX_SHOWN).forEach(c -> out.appendCodePoint(steers(c) ? '?' : c));
    return text.codePointCount(0, text.length()) > MAX_SHOWN
        ? out.append('…').toString()
        : out.toString();
  }

  static String shown(JsonNode value) {
    return value.isString() ? "'" + shown(value.asString()) + "'" : shown(value.toString());
  }

  /** The text of a field; {@code otherwise} where it is missing. */
  static String field(JsonNode json, String key, String otherwise, int maxLength)
      throws IOException {
    JsonNode value = json.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return otherwise;
    }
    if (!value.isString()
        || value.asString().length() > maxLength
        || value.asString().codePoints().anyMatch(c -> c != '\n' && steers(c))) {
      throw new IOException(
          key + " is " + shown(value) + ", not a text of at most " + maxLength + " letters");
    }
    return value.asString();
  }
}
