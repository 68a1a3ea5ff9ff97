package org.skerry.dht.storage;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksIterator;

/** One column family of a {@link RocksDatabase}. */
final class RocksKeyValueStore implements KeyValueStore {
  private final RocksDatabase database;
  private final String name;
  private final ColumnFamilyHandle family;

  RocksKeyValueStore(RocksDatabase database, String name, ColumnFamilyHandle family) {
    this.database = database;
    this.name = name;
    this.family = family;
  }

  @Override
  public Optional<byte[]> get(byte[] key) {
    return database.run(
        "read",
        db -> {
          byte @Nullable [] value = db.get(family, key);
          return value == null ? Optional.<byte[]>empty() : Optional.of(value);
        });
  }

  @Override
  public void scan(byte[] prefix, byte[] from, Visitor visitor) {
    database.run(
        "scan",
        db -> {
          try (RocksIterator at = db.newIterator(family)) {
            for (at.seek(from); at.isValid(); at.next()) {
              byte[] key = at.key();
              boolean inside =
                  key.length >= prefix.length
                      && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
              if (!inside || !visitor.visit(key, at.value())) {
                return true;
              }
            }
            at.status();
            return true;
          }
        });
  }

  @Override
  public void write(List<Change> changes, Durability durability) {
    database.write(Map.of(name, changes), durability);
  }
}
