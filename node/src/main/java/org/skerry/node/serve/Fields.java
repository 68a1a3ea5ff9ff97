package org.skerry.node.serve;

import java.util.Base64;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.skerry.node.serve.CallException.Code;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The JSON object of a call's body, read field by field: each has a type and bounds, and what is
 * off says which field, and what it may be. A field that is null is absent.
 */
final class Fields {
  private static final int MAX_DEPTH = 32;

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
                  .build())
          .build();

  private final JsonNode object;
  private final String path;

  private Fields(JsonNode object, String path) {
    this.object = object;
    this.path = path;
  }

  /** Reads a body; one of no bytes has no fields. */
  static Fields parse(byte[] body) throws CallException {
    try {
      JsonNode read = body.length == 0 ? JSON.createObjectNode() : JSON.readTree(body);
      if (read.isObject()) {
        return new Fields(read, "");
      }
    } catch (JacksonException e) {
      throw new CallException(
          Code.INVALID_REQUEST,
          "the body is no JSON (" + e.getOriginalMessage() + ")",
          "send one JSON object in UTF-8");
    }
    throw new CallException(
        Code.INVALID_REQUEST, "the body is no JSON object", "send {\"field\": value, …}");
  }

  JsonNode json() {
    return object;
  }

  /** The fields that are not among {@code known}. */
  Set<String> others(Collection<String> known) {
    Set<String> out = new TreeSet<>(object.propertyNames());
    out.removeAll(known);
    return out;
  }

  boolean has(String name) {
    return value(name) != null;
  }

  boolean isNumber(String name) {
    @Nullable JsonNode value = value(name);
    return value != null && value.isNumber();
  }

  Optional<String> text(String name, int maxLength) throws CallException {
    @Nullable JsonNode value = value(name);
    if (value == null) {
      return Optional.empty();
    }
    if (!value.isString()) {
      throw wrong(name, "is no text", "send a string of at most " + maxLength + " characters");
    }
    String text = value.asString();
    if (text.length() > maxLength) {
      throw wrong(name, "has " + text.length() + " characters", "send at most " + maxLength);
    }
    return Optional.of(text);
  }

  OptionalLong integer(String name, long least, long most) throws CallException {
    @Nullable JsonNode value = value(name);
    if (value == null) {
      return OptionalLong.empty();
    }
    String range = "send a whole number from " + least + " to " + most;
    if (!value.isNumber() || !value.canConvertToExactIntegral() || !value.canConvertToLong()) {
      throw wrong(name, "is no whole number", range);
    }
    long number = value.asLong();
    if (number < least || number > most) {
      throw wrong(name, "is " + number, range);
    }
    return OptionalLong.of(number);
  }

  int integer(String name, int least, int most, int fallback) throws CallException {
    return (int) integer(name, least, most).orElse(fallback);
  }

  OptionalDouble number(String name, double least, double most) throws CallException {
    @Nullable JsonNode value = value(name);
    if (value == null) {
      return OptionalDouble.empty();
    }
    String range = "send a number from " + least + " to " + most;
    if (!value.isNumber()) {
      throw wrong(name, "is no number", range);
    }
    double number = value.asDouble();
    if (!(number >= least && number <= most)) {
      throw wrong(name, "is " + number, range);
    }
    return OptionalDouble.of(number);
  }

  boolean flag(String name) throws CallException {
    @Nullable JsonNode value = value(name);
    if (value == null) {
      return false;
    }
    if (!value.isBoolean()) {
      throw wrong(name, "is neither true nor false", "send one of both");
    }
    return value.asBoolean();
  }

  Optional<Fields> object(String name) throws CallException {
    @Nullable JsonNode value = value(name);
    if (value == null) {
      return Optional.empty();
    }
    if (!value.isObject()) {
      throw wrong(name, "is no object", "send {\"field\": value, …}");
    }
    return Optional.of(new Fields(value, path + name + "."));
  }

  /** Bytes in base 64, with or without the {@code data:…,} that browsers write before them. */
  Optional<byte[]> bytes(String name) throws CallException {
    Optional<String> text = text(name, Integer.MAX_VALUE);
    return text.isEmpty() ? Optional.empty() : Optional.of(decoded(name, text.get()));
  }

  /** The bytes of a list that has at most one element. */
  Optional<byte[]> onlyBytes(String name) throws CallException {
    @Nullable JsonNode value = value(name);
    if (value == null) {
      return Optional.empty();
    }
    if (!value.isArray() || value.size() > 1 || !value.path(0).isString()) {
      throw wrong(name, "is no list of one image", "send [\"…\"] with one image in base 64");
    }
    return Optional.of(decoded(name, value.path(0).asString()));
  }

  private byte[] decoded(String name, String text) throws CallException {
    try {
      return Base64.getMimeDecoder()
          .decode(text.startsWith("data:") ? text.substring(text.indexOf(',') + 1) : text);
    } catch (IllegalArgumentException e) {
      throw wrong(name, "is not in base 64", "send an encoded PNG or JPEG in base 64");
    }
  }

  CallException wrong(String name, String what, String remedy) {
    return CallException.field(path + name, path + name + " " + what, remedy);
  }

  private @Nullable JsonNode value(String name) {
    @Nullable JsonNode value = object.get(name);
    return value == null || value.isNull() ? null : value;
  }
}
