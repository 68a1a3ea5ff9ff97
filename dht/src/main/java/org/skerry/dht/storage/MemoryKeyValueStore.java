package org.skerry.dht.storage;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A store that forgets everything with its process, for tests and throw-away nodes. */
public final class MemoryKeyValueStore implements KeyValueStore {
  /** Guarded by itself. */
  private final TreeMap<byte[], byte[]> entries = new TreeMap<>(Arrays::compareUnsigned);

  @Override
  public Optional<byte[]> get(byte[] key) {
    synchronized (entries) {
      byte[] value = entries.get(key);
      return value == null ? Optional.empty() : Optional.of(value.clone());
    }
  }

  @Override
  public void scan(byte[] prefix, byte[] from, Visitor visitor) {
    List<Map.Entry<byte[], byte[]>> tail;
    synchronized (entries) {
      tail = List.copyOf(new TreeMap<>(entries.tailMap(from, true)).entrySet());
    }
    for (Map.Entry<byte[], byte[]> entry : tail) {
      byte[] key = entry.getKey();
      boolean inside =
          key.length >= prefix.length
              && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
      if (!inside || !visitor.visit(key.clone(), entry.getValue().clone())) {
        return;
      }
    }
  }

  @Override
  public void write(List<Change> changes, Durability durability) {
    synchronized (entries) {
      for (Change change : changes) {
        switch (change) {
          case Put put -> entries.put(put.key().clone(), put.value().clone());
          case Delete delete -> entries.remove(delete.key());
        }
      }
    }
  }
}
