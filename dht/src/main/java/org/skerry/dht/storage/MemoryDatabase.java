package org.skerry.dht.storage;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Stores that forget everything with their process; each is made when it is first asked for. */
public final class MemoryDatabase implements Database {
  private final Map<String, MemoryKeyValueStore> stores = new ConcurrentHashMap<>();

  @Override
  public KeyValueStore store(String name) {
    return memory(name);
  }

  private MemoryKeyValueStore memory(String name) {
    return stores.computeIfAbsent(name, any -> new MemoryKeyValueStore());
  }

  /** A process that ends loses all, so that what lies between two stores cannot be seen later. */
  @Override
  public void write(Map<String, List<KeyValueStore.Change>> changes, Durability durability) {
    changes.forEach((name, some) -> memory(name).write(some, durability));
  }
}
