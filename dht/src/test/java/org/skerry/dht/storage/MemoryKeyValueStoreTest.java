package org.skerry.dht.storage;

class MemoryKeyValueStoreTest extends KeyValueStoreLaws {
  private final KeyValueStore store = new MemoryKeyValueStore();

  @Override
  protected KeyValueStore store() {
    return store;
  }
}
