package org.skerry.board.document;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.dagcbor.Value;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Cid;

/** Takes the fields out of a map one by one; what nobody took is an unknown field. */
final class FieldReader {
  private final String what;
  private final Map<String, Value> fields;
  private final Set<String> taken = new HashSet<>();

  private FieldReader(String what, Map<String, Value> fields) {
    this.what = what;
    this.fields = fields;
  }

  static FieldReader of(String what, Value value) {
    if (value instanceof Value.MapValue map) {
      return new FieldReader(what, map.entries());
    }
    throw new BoardException(Refusal.WRONG_TYPE, what + " is not a map");
  }

  /** The header every signed payload starts with; the version is judged before anything else. */
  static FieldReader ofDocument(String kind, Value value) {
    FieldReader fields = of(kind, value);
    long version = fields.integer("version");
    if (version != Document.SCHEMA_VERSION) {
      throw new BoardException(
          Refusal.UNKNOWN_SCHEMA_VERSION,
          kind
              + " has schema version "
              + version
              + "; this software reads version "
              + Document.SCHEMA_VERSION
              + " (a newer Skerry may read it)");
    }
    String said = fields.text("kind");
    if (!said.equals(kind)) {
      throw new BoardException(Refusal.WRONG_KIND, "expected a " + kind + ", found another kind");
    }
    return fields;
  }

  private Value take(String name) {
    return takeOptional(name)
        .orElseThrow(
            () -> new BoardException(Refusal.MISSING_FIELD, what + " has no field '" + name + "'"));
  }

  private Optional<Value> takeOptional(String name) {
    taken.add(name);
    return Optional.ofNullable(fields.get(name));
  }

  private <T extends Value> T as(String name, Value value, Class<T> type) {
    if (type.isInstance(value)) {
      return type.cast(value);
    }
    throw new BoardException(
        Refusal.WRONG_TYPE,
        "field '" + name + "' of " + what + " is no " + type.getSimpleName().replace("Value", ""));
  }

  long integer(String name) {
    return as(name, take(name), Value.IntValue.class).number();
  }

  /** An integer that Java can hold in an {@code int}; the record checks the true bounds. */
  int smallInteger(String name) {
    long value = integer(name);
    Bounds.range(name, value, Integer.MIN_VALUE, Integer.MAX_VALUE);
    return (int) value;
  }

  /** Zero where the field is absent; written zero would be a second way to say so. */
  long integerOrZero(String name) {
    Optional<Value> given = takeOptional(name);
    long value = given.map(v -> as(name, v, Value.IntValue.class).number()).orElse(0L);
    if (given.isPresent() && value == 0) {
      throw Bounds.outOfBounds("field '" + name + "' of " + what + " is not 0 or left out");
    }
    return value;
  }

  /** As {@link #integerOrZero}, within what Java can hold in an {@code int}. */
  int smallIntegerOrZero(String name) {
    long value = integerOrZero(name);
    Bounds.range(name, value, Integer.MIN_VALUE, Integer.MAX_VALUE);
    return (int) value;
  }

  double real(String name) {
    return as(name, take(name), Value.RealValue.class).number();
  }

  /** NaN where the field is absent: DAG-CBOR cannot write what is not finite. */
  double realOrNan(String name) {
    return takeOptional(name)
        .map(value -> as(name, value, Value.RealValue.class).number())
        .orElse(Double.NaN);
  }

  /** True when the field is there; written false would be a second way to say what absence says. */
  boolean flag(String name) {
    Optional<Value> given = takeOptional(name);
    if (given.isPresent() && !as(name, given.get(), Value.BoolValue.class).truth()) {
      throw Bounds.outOfBounds("field '" + name + "' of " + what + " is true or left out");
    }
    return given.isPresent();
  }

  boolean bool(String name) {
    return as(name, take(name), Value.BoolValue.class).truth();
  }

  String text(String name) {
    return as(name, take(name), Value.TextValue.class).text();
  }

  byte[] bytes(String name) {
    return as(name, take(name), Value.BytesValue.class).bytes();
  }

  Optional<byte[]> optionalBytes(String name) {
    return takeOptional(name).map(value -> as(name, value, Value.BytesValue.class).bytes());
  }

  Cid link(String name) {
    return as(name, take(name), Value.LinkValue.class).cid();
  }

  Optional<Cid> optionalLink(String name) {
    return takeOptional(name).map(value -> as(name, value, Value.LinkValue.class).cid());
  }

  /** None where the field is absent; an empty list would be a second way to say so. */
  List<Cid> linksOrNone(String name) {
    if (!fields.containsKey(name)) {
      return List.of();
    }
    List<Cid> links = list(name, value -> as(name, value, Value.LinkValue.class).cid());
    if (links.isEmpty()) {
      throw Bounds.outOfBounds("field '" + name + "' of " + what + " is not empty or left out");
    }
    return links;
  }

  PeerId peer(String name) {
    return peer(name, take(name));
  }

  private PeerId peer(String name, Value value) {
    try {
      return PeerId.ofBytes(as(name, value, Value.BytesValue.class).bytes());
    } catch (IllegalArgumentException e) {
      throw new BoardException(
          Refusal.MALFORMED, "field '" + name + "' of " + what + " holds no peer id", e);
    }
  }

  Optional<PeerId> optionalPeer(String name) {
    return takeOptional(name).map(value -> peer(name, value));
  }

  List<PeerId> peers(String name) {
    return list(name, value -> peer(name, value));
  }

  List<byte[]> byteStrings(String name) {
    return list(name, value -> as(name, value, Value.BytesValue.class).bytes());
  }

  /** A name of a closed set that stands on the wire as text. */
  <E extends Enum<E> & WireName> E named(String name, Class<E> type) {
    return WireName.parse(type, name, text(name));
  }

  Value value(String name) {
    return take(name);
  }

  Optional<Value> optionalValue(String name) {
    return takeOptional(name);
  }

  <T> List<T> list(String name, Function<Value, T> item) {
    List<T> out = new ArrayList<>();
    for (Value value : as(name, take(name), Value.ListValue.class).items()) {
      out.add(item.apply(value));
    }
    return out;
  }

  Map<String, Value> map(String name) {
    return as(name, take(name), Value.MapValue.class).entries();
  }

  /** Refuses a field that no reader asked for. */
  void end() {
    for (String name : fields.keySet()) {
      if (!taken.contains(name)) {
        throw new BoardException(
            Refusal.UNKNOWN_FIELD,
            what
                + " has a field this software does not know: '"
                + name.substring(0, Math.min(40, name.length())).replaceAll("[^a-zA-Z0-9_-]", "?")
                + "'");
      }
    }
  }
}
