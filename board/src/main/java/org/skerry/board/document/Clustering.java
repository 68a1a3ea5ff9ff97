package org.skerry.board.document;

import java.util.List;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.dagcbor.Value;

/**
 * How the data was partitioned, told for people and for repeating it.
 *
 * @param method name of the algorithm
 * @param seed it was run with
 * @param features name of what it saw of an image
 * @param sizes samples in each partition, in order
 */
public record Clustering(String method, long seed, String features, List<Long> sizes) {
  public Clustering {
    Bounds.line("method", method, 128);
    Bounds.line("features", features, 128);
    sizes = List.copyOf(sizes);
    Bounds.size("sizes", sizes, 1, TaskCharter.MAX_UNITS);
    sizes.forEach(size -> Bounds.count("size of a partition", size));
  }

  Value toValue() {
    return new FieldWriter()
        .text("method", method)
        .integer("seed", seed)
        .text("features", features)
        .value("sizes", Value.list(sizes.stream().map(Value.IntValue::new).toList()))
        .end();
  }

  static Clustering fromValue(Value value) {
    FieldReader in = FieldReader.of("clustering", value);
    Clustering clustering =
        new Clustering(
            in.text("method"),
            in.integer("seed"),
            in.text("features"),
            in.list("sizes", Clustering::size));
    in.end();
    return clustering;
  }

  private static Long size(Value value) {
    if (value instanceof Value.IntValue size) {
      return size.number();
    }
    throw new BoardException(Refusal.WRONG_TYPE, "a partition's size is not an integer");
  }
}
