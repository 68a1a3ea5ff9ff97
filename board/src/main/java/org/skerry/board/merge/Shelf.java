package org.skerry.board.merge;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.UnitDocument;

/**
 * The documents of one kind on a board: a state-based CRDT. A key holds the document with the
 * highest sequence (of equal sequences the one with the larger bytes, unsigned), and of each group
 * the lowest keys stay, one an owner and as many as its quota. The join is a maximum in each key
 * followed by a choice of keys that depends on the set of keys only. A key that is its owner's
 * lowest in a union is so in every part that has it, and a key that is among the lowest of a
 * union's owners is among the lowest in every part, since owners' lowest keys only sink as parts
 * are joined: so the join is associative, commutative and idempotent, and what it drops it would
 * have dropped in any order.
 */
final class Shelf<T extends UnitDocument> {
  private final Function<T, EntryKey> key;
  private final IntUnaryOperator quota;
  private final SortedMap<EntryKey, SignedDocument<T>> entries;

  private Shelf(
      Function<T, EntryKey> key,
      IntUnaryOperator quota,
      SortedMap<EntryKey, SignedDocument<T>> entries) {
    this.key = key;
    this.quota = quota;
    this.entries = Collections.unmodifiableSortedMap(entries);
  }

  static <T extends UnitDocument> Shelf<T> empty(
      Function<T, EntryKey> key, IntUnaryOperator quota) {
    return new Shelf<>(key, quota, new TreeMap<>());
  }

  List<SignedDocument<T>> documents() {
    return List.copyOf(entries.values());
  }

  Shelf<T> with(SignedDocument<T> document) {
    SortedMap<EntryKey, SignedDocument<T>> joined = new TreeMap<>(entries);
    joined.merge(key.apply(document.document()), document, Shelf::later);
    return cut(joined);
  }

  Shelf<T> where(Predicate<T> wanted) {
    SortedMap<EntryKey, SignedDocument<T>> left = new TreeMap<>(entries);
    left.values().removeIf(document -> !wanted.test(document.document()));
    return new Shelf<>(key, quota, left);
  }

  Shelf<T> merge(Shelf<T> other) {
    if (covers(other)) {
      return this;
    }
    SortedMap<EntryKey, SignedDocument<T>> joined = new TreeMap<>(entries);
    other.entries.forEach((key, document) -> joined.merge(key, document, Shelf::later));
    return cut(joined);
  }

  /** Whether {@code other} says nothing that is not here: the most frequent case by far. */
  private boolean covers(Shelf<T> other) {
    for (var entry : other.entries.entrySet()) {
      SignedDocument<T> mine = entries.get(entry.getKey());
      if (mine == null || (mine != entry.getValue() && later(mine, entry.getValue()) != mine)) {
        return false;
      }
    }
    return true;
  }

  private Shelf<T> cut(SortedMap<EntryKey, SignedDocument<T>> joined) {
    SortedMap<EntryKey, SignedDocument<T>> kept = new TreeMap<>();
    int group = -1;
    Set<String> owners = new HashSet<>();
    for (var entry : joined.entrySet()) {
      EntryKey place = entry.getKey();
      if (place.group() != group) {
        group = place.group();
        owners.clear();
      }
      if (owners.size() < quota.applyAsInt(group) && owners.add(place.owner())) {
        kept.put(place, entry.getValue());
      }
    }
    return new Shelf<>(key, quota, kept);
  }

  /** Takes documents as {@link #documents} gives them, and refuses any other order or number. */
  Shelf<T> withAllInOrder(List<SignedDocument<T>> documents) {
    SortedMap<EntryKey, SignedDocument<T>> read = new TreeMap<>();
    for (SignedDocument<T> document : documents) {
      EntryKey place = key.apply(document.document());
      if (!read.isEmpty() && read.lastKey().compareTo(place) >= 0) {
        throw new BoardException(
            Refusal.NOT_CANONICAL, "a board's documents are out of order or doubled");
      }
      read.put(place, document);
    }
    Shelf<T> kept = cut(read);
    if (kept.entries.size() < read.size()) {
      throw new BoardException(
          Refusal.OVER_QUOTA, "a board holds more documents of a kind than its quota");
    }
    return kept;
  }

  /** Reports every pair of documents with one key and one sequence that say different things. */
  void forEachEquivocation(
      Shelf<T> other, BiConsumer<SignedDocument<T>, SignedDocument<T>> report) {
    entries.forEach((key, mine) -> {
      SignedDocument<T> theirs = other.entries.get(key);
      if (theirs != null
          && theirs.document().sequence() == mine.document().sequence()
          && !theirs.id().equals(mine.id())) {
        report.accept(mine, theirs);
      }
    });
  }

  static <D extends UnitDocument> SignedDocument<D> later(
      SignedDocument<D> left, SignedDocument<D> right) {
    int bySequence = Long.compare(left.document().sequence(), right.document().sequence());
    int order = bySequence != 0 ? bySequence : Arrays.compareUnsigned(left.bytes(), right.bytes());
    return order >= 0 ? left : right;
  }
}
