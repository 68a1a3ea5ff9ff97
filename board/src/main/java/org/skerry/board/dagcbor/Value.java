package org.skerry.board.dagcbor;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.libp2p.multiformats.Cid;

/**
 * A value of the IPLD data model as Skerry uses it. Every value has exactly one encoding.
 *
 * @see <a href="https://ipld.io/specs/codecs/dag-cbor/spec/">DAG-CBOR</a>
 */
public sealed interface Value {

  /** DAG-CBOR's order of map keys: shorter UTF-8 first, then bytewise. */
  Comparator<String> KEY_ORDER =
      Comparator.comparing(
          (String key) -> key.getBytes(StandardCharsets.UTF_8),
          Comparator.<byte[]>comparingInt(bytes -> bytes.length)
              .thenComparing(Arrays::compareUnsigned));

  /** Text keys to values, in {@link #KEY_ORDER}. */
  record MapValue(SortedMap<String, Value> entries) implements Value {
    public MapValue {
      SortedMap<String, Value> sorted = new TreeMap<>(KEY_ORDER);
      sorted.putAll(entries);
      sorted.keySet().forEach(Value::requireUnicode);
      entries = Collections.unmodifiableSortedMap(sorted);
    }
  }

  /** Values in order. */
  record ListValue(List<Value> items) implements Value {
    public ListValue {
      items = List.copyOf(items);
    }
  }

  /** Unicode text. */
  record TextValue(String text) implements Value {
    public TextValue {
      requireUnicode(text);
    }
  }

  /** A byte string. */
  final class BytesValue implements Value {
    private final byte[] bytes;

    public BytesValue(byte[] bytes) {
      this.bytes = bytes.clone();
    }

    public byte[] bytes() {
      return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof BytesValue that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
      return "BytesValue[" + HexFormat.of().formatHex(bytes) + "]";
    }
  }

  /** A signed 64-bit integer; what CBOR could write beyond it is refused. */
  record IntValue(long number) implements Value {}

  /** A finite number, written in 64 bits. There is one zero: −0 becomes +0 here. */
  record RealValue(double number) implements Value {
    public RealValue {
      if (!Double.isFinite(number)) {
        throw new BoardException(Refusal.NOT_FINITE, number + " has no encoding in DAG-CBOR");
      }
      number = number == 0 ? 0.0 : number;
    }
  }

  /** True or false. */
  record BoolValue(boolean truth) implements Value {}

  /** Nothing. */
  record NullValue() implements Value {}

  /** The id of other content, CBOR tag 42. */
  record LinkValue(Cid cid) implements Value {}

  static ListValue list(Collection<? extends Value> items) {
    return new ListValue(List.copyOf(items));
  }

  static MapValue map(Map<String, ? extends Value> entries) {
    SortedMap<String, Value> sorted = new TreeMap<>(KEY_ORDER);
    sorted.putAll(entries);
    return new MapValue(sorted);
  }

  private static void requireUnicode(String text) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new BoardException(Refusal.MALFORMED, "text holds half a surrogate pair");
    }
  }
}
