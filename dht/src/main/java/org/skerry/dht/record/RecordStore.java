package org.skerry.dht.record;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.skerry.dht.storage.MemoryKeyValueStore;
import org.skerry.dht.storage.RocksDatabase;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

/**
 * Where records lie. Thread-safe; calls block on the disk. What is stored survives the death of the
 * process; records are soft state that other holders have too, so they are not synced to disk.
 */
public interface RecordStore {
  /** The column families that {@link #on(RocksDatabase)} needs. */
  List<String> COLUMN_FAMILIES = List.of("dht-values", "dht-providers");

  /** Records in the column families {@link #COLUMN_FAMILIES} of {@code database}. */
  static RecordStore on(RocksDatabase database) {
    return new KeyValueRecordStore(
        database.store(COLUMN_FAMILIES.get(0)), database.store(COLUMN_FAMILIES.get(1)));
  }

  /** Records that are gone with the process. */
  static RecordStore inMemory() {
    return new KeyValueRecordStore(new MemoryKeyValueStore(), new MemoryKeyValueStore());
  }

  Optional<ValueRecord> value(byte[] key);

  /** Stores a value in place of the one under the same key. */
  void putValue(ValueRecord record);

  void removeValue(byte[] key);

  /** Visits all values in key order. */
  void forEachValue(Consumer<ValueRecord> visitor);

  /** All provider records of {@code content}, in the order of the providers' ids. */
  List<ProviderRecord> providers(Multihash content);

  /** Stores a record in place of the one of the same content and provider. */
  void putProvider(ProviderRecord record);

  void removeProvider(Multihash content, PeerId provider);

  /** Visits all provider records. */
  void forEachProvider(Consumer<ProviderRecord> visitor);
}
