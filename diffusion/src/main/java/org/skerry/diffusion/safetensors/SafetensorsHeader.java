package org.skerry.diffusion.safetensors;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.safetensors.SafetensorsException.Reason;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;

/**
 * The header of a safetensors file, checked against every rule of the format: it starts with a
 * brace, may be padded with spaces, has no name twice, and its tensors lie in the buffer without
 * hole or overlap and cover it.
 *
 * @param entries by offset, tensors without bytes before the one that follows
 * @see <a href="https://github.com/huggingface/safetensors#format">the format</a>
 */
record SafetensorsHeader(Map<String, Entry> entries, Map<String, String> metadata) {
  /** The format's own limit. */
  static final int MAX_SIZE_BYTES = 100_000_000;

  static final String METADATA = "__metadata__";
  private static final int MAX_RANK = 16;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(3)
                  .maxNameLength(4096)
                  .maxNumberLength(20)
                  .maxStringLength(10_000_000)
                  .build())
          .build();

  /** Where a tensor lies, relative to the buffer behind the header. */
  record Entry(ElementType type, List<Long> shape, long begin, long end) {}

  static SafetensorsHeader parse(byte[] json, long bufferSizeBytes) throws SafetensorsException {
    int length = unpadded(json);
    var entries = new LinkedHashMap<String, Entry>();
    Map<String, String> metadata = Map.of();
    boolean sawMetadata = false;
    try (JsonParser in = JSON.createParser(ObjectReadContext.empty(), json, 0, length)) {
      expect(in, in.nextToken(), JsonToken.START_OBJECT);
      while (in.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = in.currentName();
        if (name.equals(METADATA)) {
          if (sawMetadata) {
            throw new SafetensorsException(Reason.DUPLICATE_NAME, METADATA + " appears twice");
          }
          sawMetadata = true;
          metadata = metadata(in);
        } else if (entries.put(name, entry(in, name)) != null) {
          throw new SafetensorsException(
              Reason.DUPLICATE_NAME, "tensor '" + name + "' appears twice");
        }
      }
      if (in.nextToken() != null) {
        throw new SafetensorsException(
            Reason.HEADER_NOT_JSON, "something follows the header's closing brace");
      }
    } catch (JacksonException e) {
      throw new SafetensorsException(
          Reason.HEADER_NOT_JSON, "header is not valid JSON: " + e.getOriginalMessage(), e);
    }
    return new SafetensorsHeader(
        Collections.unmodifiableMap(contiguous(entries, bufferSizeBytes)), metadata);
  }

  /** The JSON of this header, padded with spaces so that the buffer starts 8-byte aligned. */
  byte[] encode() {
    var out = new StringBuilder("{");
    if (!metadata.isEmpty()) {
      out.append(Json.quoted(METADATA)).append(":{");
      String separator = "";
      for (var e : new TreeMap<>(metadata).entrySet()) {
        out.append(separator).append(Json.quoted(e.getKey())).append(':');
        out.append(Json.quoted(e.getValue()));
        separator = ",";
      }
      out.append('}');
    }
    for (var e : entries.entrySet()) {
      Entry entry = e.getValue();
      out.append(out.length() > 1 ? "," : "").append(Json.quoted(e.getKey()));
      out.append(":{\"dtype\":\"").append(entry.type()).append("\",\"shape\":");
      out.append(entry.shape().toString().replace(" ", ""));
      out.append(",\"data_offsets\":[").append(entry.begin()).append(',');
      out.append(entry.end()).append("]}");
    }
    byte[] bytes = out.append('}').toString().getBytes(StandardCharsets.UTF_8);
    byte[] padded = new byte[Math.ceilDiv(bytes.length, 8) * 8];
    System.arraycopy(bytes, 0, padded, 0, bytes.length);
    Arrays.fill(padded, bytes.length, padded.length, (byte) ' ');
    return padded;
  }

  private static int unpadded(byte[] json) throws SafetensorsException {
    if (json.length == 0 || json[0] != '{') {
      throw new SafetensorsException(Reason.HEADER_NOT_JSON, "header does not start with '{'");
    }
    int length = json.length;
    while (json[length - 1] == ' ') {
      length--;
    }
    if (json[length - 1] != '}') {
      throw new SafetensorsException(Reason.HEADER_NOT_JSON, "header does not end with '}'");
    }
    return length;
  }

  private static Map<String, String> metadata(JsonParser in) throws SafetensorsException {
    var out = new LinkedHashMap<String, String>();
    expect(in, in.nextToken(), JsonToken.START_OBJECT);
    while (in.nextToken() == JsonToken.PROPERTY_NAME) {
      String key = in.currentName();
      expect(in, in.nextToken(), JsonToken.VALUE_STRING);
      if (out.put(key, in.getString()) != null) {
        throw new SafetensorsException(
            Reason.DUPLICATE_NAME, METADATA + " has '" + key + "' twice");
      }
    }
    return Collections.unmodifiableMap(out);
  }

  private static Entry entry(JsonParser in, String name) throws SafetensorsException {
    @Nullable String type = null;
    @Nullable List<Long> shape = null;
    @Nullable List<Long> offsets = null;
    expect(in, in.nextToken(), JsonToken.START_OBJECT);
    while (in.nextToken() == JsonToken.PROPERTY_NAME) {
      String key = in.currentName();
      boolean again =
          switch (key) {
            case "dtype" -> type != null;
            case "shape" -> shape != null;
            case "data_offsets" -> offsets != null;
            default -> throw bad(name, "has the unknown key '" + key + "'");
          };
      if (again) {
        throw new SafetensorsException(
            Reason.DUPLICATE_NAME, "tensor '" + name + "' has '" + key + "' twice");
      }
      if (key.equals("dtype")) {
        expect(in, in.nextToken(), JsonToken.VALUE_STRING);
        type = in.getString();
      } else if (key.equals("shape")) {
        shape = naturals(in, name, key, MAX_RANK);
      } else {
        offsets = naturals(in, name, key, 2);
      }
    }
    if (type == null || shape == null || offsets == null || offsets.size() != 2) {
      throw bad(name, "needs a dtype, a shape and two data_offsets");
    }
    return checked(name, type, shape, offsets.get(0), offsets.get(1));
  }

  private static Entry checked(String name, String typeName, List<Long> shape, long begin, long end)
      throws SafetensorsException {
    ElementType type =
        ElementType.named(typeName)
            .orElseThrow(() ->
                new SafetensorsException(
                    Reason.UNKNOWN_TYPE,
                    "tensor '" + name + "' has the unknown type '" + typeName + "'"));
    long size;
    try {
      size = HostTensor.sizeBytes(type, shape);
    } catch (ArithmeticException e) {
      throw new SafetensorsException(
          Reason.TENSOR_TOO_LARGE, "tensor '" + name + "' has the impossible shape " + shape, e);
    }
    if (begin > end || end - begin != size) {
      throw new SafetensorsException(
          Reason.SIZE_MISMATCH,
          "tensor '%s' %s%s takes %d bytes, and its offsets are [%d, %d]"
              .formatted(name, type, shape, size, begin, end));
    }
    if (size > Integer.MAX_VALUE) {
      throw new SafetensorsException(
          Reason.TENSOR_TOO_LARGE, "tensor '" + name + "' takes " + size + " bytes, over 2 GiB");
    }
    return new Entry(type, shape, begin, end);
  }

  private static Map<String, Entry> contiguous(Map<String, Entry> entries, long bufferSizeBytes)
      throws SafetensorsException {
    var order = new ArrayList<>(entries.entrySet());
    order.sort(
        Comparator.<Map.Entry<String, Entry>>comparingLong(e -> e.getValue().begin())
            .thenComparingLong(e -> e.getValue().end()));
    var out = new LinkedHashMap<String, Entry>();
    long at = 0;
    for (var e : order) {
      Entry entry = e.getValue();
      if (entry.begin() != at) {
        throw new SafetensorsException(
            Reason.HOLE_OR_OVERLAP,
            "tensor '%s' begins at %d, and the one before ends at %d"
                .formatted(e.getKey(), entry.begin(), at));
      }
      at = entry.end();
      out.put(e.getKey(), entry);
    }
    if (at != bufferSizeBytes) {
      throw new SafetensorsException(
          at > bufferSizeBytes ? Reason.TRUNCATED : Reason.NOT_COVERED,
          "tensors take %d bytes, and the file has %d".formatted(at, bufferSizeBytes));
    }
    return out;
  }

  private static List<Long> naturals(JsonParser in, String name, String key, int most)
      throws SafetensorsException {
    var out = new ArrayList<Long>();
    expect(in, in.nextToken(), JsonToken.START_ARRAY);
    while (in.nextToken() != JsonToken.END_ARRAY) {
      expect(in, in.currentToken(), JsonToken.VALUE_NUMBER_INT);
      long value = in.getLongValue();
      if (value < 0 || out.size() == most) {
        throw bad(name, "has a bad " + key);
      }
      out.add(value);
    }
    return List.copyOf(out);
  }

  private static void expect(JsonParser in, @Nullable JsonToken found, JsonToken wanted) {
    if (found != wanted) {
      throw new StreamReadException(in, "expected " + wanted + ", found " + found);
    }
  }

  private static SafetensorsException bad(String name, String what) {
    return new SafetensorsException(Reason.BAD_ENTRY, "tensor '" + name + "' " + what);
  }
}
