package org.skerry.node.ensemble.folder;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.skerry.diffusion.NetworkConfig;
import tools.jackson.databind.JsonNode;

/** The properties of a network as {@code config.json} has them: numbers as numbers. */
final class NetworkJson {
  /** By which a file of this program is told from one of Paris. */
  static final String FAMILY = "family";

  private static final String CLASS_KEY = "_class_name";
  private static final String CLASS = "SkerryNetwork";

  private NetworkJson() {}

  /** In the order of the configuration's record, so that equal networks give equal files. */
  static Map<String, Object> write(Map<String, String> properties) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put(CLASS_KEY, CLASS);
    canonical(properties).forEach((key, value) -> out.put(key, typed(value)));
    return out;
  }

  private static Object typed(String value) {
    if (value.equals("true") || value.equals("false")) {
      return Boolean.valueOf(value);
    }
    return value.matches("-?\\d{1,9}") ? (Object) Integer.valueOf(value) : value;
  }

  /**
   * Reads what {@link #write} wrote, or somebody who wants to look so.
   *
   * @throws IOException when a value is missing, unknown or out of range
   */
  static Map<String, String> read(String where, JsonNode json) throws IOException {
    Map<String, String> properties = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> property : json.properties()) {
      JsonNode value = property.getValue();
      if (property.getKey().equals(CLASS_KEY)) {
        if (!CLASS.equals(value.asString(""))) {
          throw new IOException(
              "%s: %s is %s, not %s".formatted(where, CLASS_KEY, PlainText.shown(value), CLASS));
        }
      } else if (value.isString() || value.isBoolean() || value.isIntegralNumber()) {
        properties.put(property.getKey(), value.asString());
      } else {
        throw new IOException(
            "%s: %s is %s, not a number or a word"
                .formatted(where, PlainText.shown(property.getKey()), PlainText.shown(value)));
      }
    }
    try {
      return canonical(properties);
    } catch (IllegalArgumentException e) {
      throw new IOException(where + ": " + PlainText.shown(String.valueOf(e.getMessage())), e);
    }
  }

  private static Map<String, String> canonical(Map<String, String> properties) {
    return NetworkConfig.fromProperties(properties).toProperties();
  }
}
