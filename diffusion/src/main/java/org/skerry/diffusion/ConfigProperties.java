package org.skerry.diffusion;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Reads a configuration from text and checks the ranges that all configurations share. */
final class ConfigProperties {
  private final Map<String, String> properties;
  private final Set<String> used = new HashSet<>();

  ConfigProperties(Map<String, String> properties) {
    this.properties = Map.copyOf(properties);
  }

  String text(String key) {
    used.add(key);
    String value = properties.get(key);
    if (value == null) {
      throw new IllegalArgumentException("network configuration lacks '" + key + "'");
    }
    return value;
  }

  int integer(String key) {
    String value = text(key);
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "network configuration: " + key + " is '" + value + "', not a whole number", e);
    }
  }

  double number(String key) {
    String value = text(key);
    try {
      return Double.parseDouble(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "network configuration: " + key + " is '" + value + "', not a number", e);
    }
  }

  boolean flag(String key) {
    return switch (text(key)) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new IllegalArgumentException(
              "network configuration: " + key + " is '" + text(key) + "', not true or false");
    };
  }

  void requireNothingElse() {
    var unknown = new TreeSet<>(properties.keySet());
    unknown.removeAll(used);
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException("network configuration has unknown keys " + unknown);
    }
  }

  /** {@code (key, value, key, value, …)} in that order. */
  static Map<String, String> of(Object... pairs) {
    var map = new LinkedHashMap<String, String>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put(pairs[i].toString(), pairs[i + 1].toString());
    }
    return map;
  }

  static void range(String what, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(what + " " + value + " not in " + min + ".." + max);
    }
  }

  static void divides(String what, int divisor, String whole, int value) {
    if (value % divisor != 0) {
      throw new IllegalArgumentException(
          what + " " + divisor + " does not divide " + whole + " " + value);
    }
  }
}
