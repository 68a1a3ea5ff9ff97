package org.skerry.board.document;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.dagcbor.Value;

/**
 * The models, or the recipes, that single partitions have of their own, as the wire has them: a
 * list of {@code {partition, KIND}} in the order of the partitions, where the second field holds
 * what differs from the task's own and nothing else. It is a JSON merge patch (RFC 7396) of one
 * level: a field with another value, or null where the partition's has no such field.
 *
 * @param <T> model or recipe
 * @param kind name of the field
 * @param base the task's own
 */
record PartitionOverrides<T>(
    String kind, T base, Function<T, Value> toValue, Function<Value, T> fromValue) {
  private static final Value ABSENT = new Value.NullValue();

  static PartitionOverrides<ModelSpec> models(ModelSpec base) {
    return new PartitionOverrides<>("model", base, ModelSpec::toValue, ModelSpec::fromValue);
  }

  static PartitionOverrides<Recipe> recipes(Recipe base) {
    return new PartitionOverrides<>("recipe", base, Recipe::toValue, Recipe::fromValue);
  }

  /** Refuses a partition that there is not, and one that has what every partition has. */
  void requireDifferent(SortedMap<Integer, T> own, int partitions) {
    own.forEach((partition, value) -> {
      Bounds.range("partition of a " + kind + " override", partition, 0, partitions - 1);
      if (value.equals(base)) {
        throw Bounds.outOfBounds(
            kind + " override of partition " + partition + " changes nothing: leave it out");
      }
    });
  }

  Value encode(SortedMap<Integer, T> own) {
    List<Value> out = new ArrayList<>();
    own.forEach((partition, value) ->
        out.add(
            new FieldWriter()
                .integer("partition", partition)
                .value(kind, difference(toValue.apply(value)))
                .end()));
    return Value.list(out);
  }

  SortedMap<Integer, T> decode(List<Value> items) {
    SortedMap<Integer, T> out = new TreeMap<>();
    for (Value item : items) {
      FieldReader in = FieldReader.of(kind + " override", item);
      int partition = in.smallInteger("partition");
      Map<String, Value> changes = in.map(kind);
      in.end();
      if (!out.isEmpty() && out.lastKey() >= partition) {
        throw new BoardException(
            Refusal.NOT_CANONICAL, kind + " overrides are not in the order of their partitions");
      }
      out.put(partition, changed(changes));
    }
    return out;
  }

  /** The base with {@code changes}, which must be the shortest way to say what comes out. */
  private T changed(Map<String, Value> changes) {
    Map<String, Value> fields = new HashMap<>(fields(toValue.apply(base)));
    changes.forEach((name, value) -> {
      if (value.equals(ABSENT)) {
        fields.remove(name);
      } else {
        fields.put(name, value);
      }
    });
    T value = fromValue.apply(Value.map(fields));
    if (!difference(toValue.apply(value)).equals(Value.map(changes))) {
      throw new BoardException(
          Refusal.NOT_CANONICAL, kind + " override repeats what the task says for all partitions");
    }
    return value;
  }

  private Value difference(Value other) {
    Map<String, Value> ours = fields(toValue.apply(base));
    Map<String, Value> changes = new HashMap<>();
    fields(other)
        .forEach((name, value) -> {
          if (!value.equals(ours.get(name))) {
            changes.put(name, value);
          }
        });
    for (String name : ours.keySet()) {
      if (!fields(other).containsKey(name)) {
        changes.put(name, ABSENT);
      }
    }
    return Value.map(changes);
  }

  private static Map<String, Value> fields(Value map) {
    return ((Value.MapValue) map).entries();
  }
}
