package org.skerry.board.document;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.skerry.board.dagcbor.Value;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Cid;

/** Collects the fields of a map; the order of calls does not matter, the codec sorts. */
final class FieldWriter {
  private final Map<String, Value> fields = new TreeMap<>(Value.KEY_ORDER);

  /** Starts a signed payload with its header. */
  static FieldWriter document(String kind, PeerId signer) {
    return new FieldWriter()
        .integer("version", Document.SCHEMA_VERSION)
        .text("kind", kind)
        .peer("signer", signer);
  }

  FieldWriter value(String name, Value value) {
    if (fields.put(name, value) != null) {
      throw new IllegalStateException("field '" + name + "' is written twice");
    }
    return this;
  }

  FieldWriter integer(String name, long value) {
    return value(name, new Value.IntValue(value));
  }

  /** Leaves the field out when {@code value} is zero. */
  FieldWriter integerUnlessZero(String name, long value) {
    return value == 0 ? this : integer(name, value);
  }

  FieldWriter real(String name, double value) {
    return value(name, new Value.RealValue(value));
  }

  /** Leaves the field out when {@code value} is not finite. */
  FieldWriter realUnlessNan(String name, double value) {
    return Double.isNaN(value) ? this : real(name, value);
  }

  FieldWriter bool(String name, boolean value) {
    return value(name, new Value.BoolValue(value));
  }

  /** Leaves the field out when {@code value} is false. */
  FieldWriter flag(String name, boolean value) {
    return value ? bool(name, true) : this;
  }

  FieldWriter text(String name, String value) {
    return value(name, new Value.TextValue(value));
  }

  FieldWriter named(String name, WireName value) {
    return text(name, value.wireName());
  }

  FieldWriter bytes(String name, byte[] value) {
    return value(name, new Value.BytesValue(value));
  }

  FieldWriter link(String name, Cid value) {
    return value(name, new Value.LinkValue(value));
  }

  FieldWriter link(String name, Optional<Cid> value) {
    value.ifPresent(cid -> link(name, cid));
    return this;
  }

  /** Leaves the field out when there are none. */
  FieldWriter links(String name, List<Cid> values) {
    return values.isEmpty()
        ? this
        : value(name, Value.list(values.stream().map(Value.LinkValue::new).toList()));
  }

  FieldWriter peer(String name, PeerId value) {
    return bytes(name, value.bytes());
  }

  FieldWriter peer(String name, Optional<PeerId> value) {
    value.ifPresent(peer -> peer(name, peer));
    return this;
  }

  FieldWriter peers(String name, List<PeerId> values) {
    return value(
        name, Value.list(values.stream().map(p -> new Value.BytesValue(p.bytes())).toList()));
  }

  Value.MapValue end() {
    return Value.map(fields);
  }
}
