package org.skerry.dht.storage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * One RocksDB folder with named column families, each seen as a {@link KeyValueStore}. One process
 * at a time may have the folder open. Thread-safe; {@link #close} waits for calls under way.
 */
public final class RocksDatabase implements Database, AutoCloseable {
  private static final long WRITE_BUFFER_BYTES = 8L << 20;
  private static final long MAX_LOG_BYTES = 64L << 20;

  private final Path folder;
  private final RocksDB db;
  private final DBOptions options;
  private final ColumnFamilyOptions familyOptions;
  private final Map<String, ColumnFamilyHandle> families;

  /** Calls into RocksDB hold the read lock: a native handle must not close under them. */
  private final ReadWriteLock openLock = new ReentrantReadWriteLock();

  private boolean closed;

  private RocksDatabase(
      Path folder,
      RocksDB db,
      DBOptions options,
      ColumnFamilyOptions familyOptions,
      Map<String, ColumnFamilyHandle> families) {
    this.folder = folder;
    this.db = db;
    this.options = options;
    this.familyOptions = familyOptions;
    this.families = families;
  }

  /**
   * Opens {@code folder}, making it and the column families that are missing. Families from earlier
   * runs that are not named stay as they are.
   *
   * @throws StorageException LOCKED when the folder is open elsewhere
   */
  public static RocksDatabase open(Path folder, List<String> columnFamilies) {
    RocksDB.loadLibrary();
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new StorageException(
          StorageException.Reason.IO,
          "cannot make the database folder " + folder + ": " + e.getMessage(),
          e);
    }
    DBOptions options =
        new DBOptions()
            .setCreateIfMissing(true)
            .setCreateMissingColumnFamilies(true)
            .setMaxOpenFiles(256)
            .setMaxTotalWalSize(MAX_LOG_BYTES)
            .setKeepLogFileNum(2);
    ColumnFamilyOptions familyOptions =
        new ColumnFamilyOptions()
            .setWriteBufferSize(WRITE_BUFFER_BYTES)
            .setCompressionType(CompressionType.LZ4_COMPRESSION);
    try {
      return open(folder, options, familyOptions, columnFamilies);
    } catch (RocksDBException e) {
      familyOptions.close();
      options.close();
      throw failure(folder, "open", e);
    }
  }

  private static RocksDatabase open(
      Path folder,
      DBOptions options,
      ColumnFamilyOptions familyOptions,
      List<String> columnFamilies)
      throws RocksDBException {
    Set<String> names = new LinkedHashSet<>();
    names.add(new String(RocksDB.DEFAULT_COLUMN_FAMILY, StandardCharsets.UTF_8));
    try (Options listing = new Options()) {
      for (byte[] name : RocksDB.listColumnFamilies(listing, folder.toString())) {
        names.add(new String(name, StandardCharsets.UTF_8));
      }
    }
    names.addAll(columnFamilies);
    List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
    for (String name : names) {
      descriptors.add(
          new ColumnFamilyDescriptor(name.getBytes(StandardCharsets.UTF_8), familyOptions));
    }
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    RocksDB db = RocksDB.open(options, folder.toString(), descriptors, handles);
    Map<String, ColumnFamilyHandle> families = new LinkedHashMap<>();
    int i = 0;
    for (String name : names) {
      families.put(name, handles.get(i++));
    }
    return new RocksDatabase(folder, db, options, familyOptions, families);
  }

  /** The column family {@code name}, which must be one of those opened. */
  @Override
  public KeyValueStore store(String name) {
    return new RocksKeyValueStore(this, name, family(name));
  }

  private ColumnFamilyHandle family(String name) {
    ColumnFamilyHandle family = families.get(name);
    if (family == null) {
      throw new IllegalArgumentException(
          "column family '" + name + "' is not one of " + families.keySet());
    }
    return family;
  }

  @Override
  public void write(Map<String, List<KeyValueStore.Change>> changes, Durability durability) {
    run(
        "write",
        open -> {
          try (WriteBatch batch = new WriteBatch();
              WriteOptions how = new WriteOptions().setSync(durability == Durability.POWER_LOSS)) {
            for (Map.Entry<String, List<KeyValueStore.Change>> some : changes.entrySet()) {
              ColumnFamilyHandle family = family(some.getKey());
              for (KeyValueStore.Change change : some.getValue()) {
                switch (change) {
                  case KeyValueStore.Put put -> batch.put(family, put.key(), put.value());
                  case KeyValueStore.Delete delete -> batch.delete(family, delete.key());
                }
              }
            }
            open.write(how, batch);
            return true;
          }
        });
  }

  /** A call into RocksDB. */
  interface Call<T> {
    T run(RocksDB db) throws RocksDBException;
  }

  /** Runs {@code call} while the database is certainly open. */
  <T> T run(String what, Call<T> call) {
    openLock.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("the database " + folder + " is closed, cannot " + what);
      }
      return call.run(db);
    } catch (RocksDBException e) {
      throw failure(folder, what, e);
    } finally {
      openLock.readLock().unlock();
    }
  }

  private static StorageException failure(Path folder, String what, RocksDBException e) {
    String text = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    Status status = e.getStatus();
    if (text.contains("lock")) {
      return new StorageException(
          StorageException.Reason.LOCKED,
          "the database "
              + folder
              + " is in use by another process: stop that node, or give this one a home of its own",
          e);
    }
    if (text.contains("no space left")
        || (status != null && status.getSubCode() == Status.SubCode.NoSpace)) {
      return new StorageException(
          StorageException.Reason.DISK_FULL,
          "cannot " + what + " the database " + folder + ": the disk is full, free some space",
          e);
    }
    if (status != null && status.getCode() == Status.Code.Corruption) {
      return new StorageException(
          StorageException.Reason.CORRUPT,
          "the database " + folder + " is damaged (" + e.getMessage() + "): move it away to start",
          e);
    }
    return new StorageException(
        StorageException.Reason.IO,
        "cannot " + what + " the database " + folder + ": " + e.getMessage(),
        e);
  }

  @Override
  public void close() {
    openLock.writeLock().lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      families.values().forEach(ColumnFamilyHandle::close);
      db.close();
      familyOptions.close();
      options.close();
    } finally {
      openLock.writeLock().unlock();
    }
  }
}
