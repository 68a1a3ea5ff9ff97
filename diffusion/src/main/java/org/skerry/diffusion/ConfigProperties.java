package org.skerry.diffusion;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
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

  private int integer(String key) {
    String value = text(key);
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "network configuration: " + key + " is '" + value + "', not a whole number", e);
    }
  }

  private boolean flag(String key) {
    return switch (text(key)) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new IllegalArgumentException(
              "network configuration: " + key + " is '" + text(key) + "', not true or false");
    };
  }

  /** One of the constants of {@code type}, by its name in lower case. */
  private Object constant(String key, Class<?> type) {
    String value = text(key);
    for (Object constant : type.getEnumConstants()) {
      if (written(constant).equals(value)) {
        return constant;
      }
    }
    var known = Arrays.stream(type.getEnumConstants()).map(ConfigProperties::written).toList();
    throw new IllegalArgumentException(
        "network configuration: " + key + " is '" + value + "', not one of " + known);
  }

  private Object value(String key, Class<?> type) {
    if (type.isEnum()) {
      return constant(key, type);
    }
    return type == boolean.class ? (Object) flag(key) : (Object) integer(key);
  }

  private static String written(Object value) {
    return value instanceof Enum<?> constant
        ? constant.name().toLowerCase(Locale.ROOT)
        : String.valueOf(value);
  }

  void requireNothingElse() {
    var unknown = new TreeSet<>(properties.keySet());
    unknown.removeAll(used);
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException("network configuration has unknown keys " + unknown);
    }
  }

  /** The components of {@code record}, in their order, behind {@code family}. */
  static Map<String, String> of(String family, Object record) {
    var map = new LinkedHashMap<String, String>();
    map.put("family", family);
    try {
      for (RecordComponent component : record.getClass().getRecordComponents()) {
        map.put(component.getName(), written(component.getAccessor().invoke(record)));
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(record.getClass() + " cannot be read", e);
    }
    return map;
  }

  /**
   * The record whose components are the properties of the same names.
   *
   * @throws IllegalArgumentException when one is missing, no number, or refused by the record
   */
  <T> T read(Class<T> type) {
    RecordComponent[] components = type.getRecordComponents();
    var types = new Class<?>[components.length];
    var values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
      values[i] = value(components[i].getName(), types[i]);
    }
    try {
      return type.getConstructor(types).newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refused) {
        throw refused;
      }
      throw new IllegalStateException(type + " cannot be made", e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " cannot be made", e);
    }
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
