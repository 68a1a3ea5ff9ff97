package org.skerry.dht.storage;

import java.util.List;
import java.util.Optional;

/**
 * An ordered map from bytes to bytes (keys compare unsigned). Thread-safe; calls block on the disk,
 * so they belong on virtual threads and never on an event loop. Failures are {@link
 * StorageException}s.
 */
public interface KeyValueStore {
  Optional<byte[]> get(byte[] key);

  /** Visits the entries whose key starts with {@code prefix}, in key order, as of one moment. */
  default void scan(byte[] prefix, Visitor visitor) {
    scan(prefix, prefix, visitor);
  }

  /** The same, from the key {@code from} on, which starts with {@code prefix} too. */
  void scan(byte[] prefix, byte[] from, Visitor visitor);

  /** Applies all of {@code changes} or none. */
  void write(List<Change> changes, Durability durability);

  default void put(byte[] key, byte[] value, Durability durability) {
    write(List.of(new Put(key, value)), durability);
  }

  default void delete(byte[] key, Durability durability) {
    write(List.of(new Delete(key)), durability);
  }

  /** Takes the entries of a scan. */
  @FunctionalInterface
  interface Visitor {
    /** Takes one entry; the scan goes on while this returns true. */
    boolean visit(byte[] key, byte[] value);
  }

  /** One change of a batch. */
  sealed interface Change permits Put, Delete {}

  /** Sets {@code key} to {@code value}. */
  record Put(byte[] key, byte[] value) implements Change {}

  /** Removes {@code key} if it is there. */
  record Delete(byte[] key) implements Change {}
}
