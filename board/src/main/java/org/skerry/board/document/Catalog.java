package org.skerry.board.document;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.dagcbor.Value;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Cid;

/**
 * The tasks a publisher offers, by name.
 *
 * @param sequence only grows
 * @param tasks name → task id, at most {@link #MAX_ENTRIES}
 */
public record Catalog(
    PeerId publisher, long sequence, long issuedAtMs, SortedMap<String, Cid> tasks)
    implements Document {
  public static final int MAX_ENTRIES = 64;

  public Catalog {
    Bounds.count("sequence", sequence);
    Bounds.count("issuedAtMs", issuedAtMs);
    SortedMap<String, Cid> sorted = new TreeMap<>(tasks);
    Bounds.size("tasks", sorted.keySet(), 0, MAX_ENTRIES);
    sorted.forEach((name, task) -> {
      Bounds.name("name of a task", name);
      Bounds.document("task " + name, task);
    });
    tasks = Collections.unmodifiableSortedMap(sorted);
  }

  public Optional<Cid> task(String name) {
    return Optional.ofNullable(tasks.get(name));
  }

  @Override
  public PeerId signer() {
    return publisher;
  }

  @Override
  public Value toValue() {
    Map<String, Value> links = new TreeMap<>();
    tasks.forEach((name, task) -> links.put(name, new Value.LinkValue(task)));
    return FieldWriter.document("catalog", publisher)
        .integer("sequence", sequence)
        .integer("issuedAtMs", issuedAtMs)
        .value("tasks", Value.map(links))
        .end();
  }

  static Catalog fromValue(Value value) {
    FieldReader in = FieldReader.ofDocument("catalog", value);
    SortedMap<String, Cid> tasks = new TreeMap<>();
    in.map("tasks")
        .forEach((name, task) -> {
          if (!(task instanceof Value.LinkValue link)) {
            throw new BoardException(Refusal.WRONG_TYPE, "a catalog entry is not a link");
          }
          tasks.put(name, link.cid());
        });
    Catalog catalog =
        new Catalog(in.peer("signer"), in.integer("sequence"), in.integer("issuedAtMs"), tasks);
    in.end();
    return catalog;
  }
}
