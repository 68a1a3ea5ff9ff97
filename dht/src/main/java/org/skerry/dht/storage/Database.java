package org.skerry.dht.storage;

import java.util.List;
import java.util.Map;

/**
 * Named stores that can be written together. Thread-safe; calls block on the disk. Failures are
 * {@link StorageException}s.
 */
public interface Database {
  /** The store {@code name}, which must be one of those that there are. */
  KeyValueStore store(String name);

  /** Applies all of {@code changes}, by the names of their stores, or none. */
  void write(Map<String, List<KeyValueStore.Change>> changes, Durability durability);
}
