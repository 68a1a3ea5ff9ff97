package org.skerry.dht.record;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.skerry.dht.routing.Origin;
import org.skerry.dht.storage.Database;
import org.skerry.dht.storage.MemoryDatabase;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

/**
 * Where records lie, and in which order they came. Thread-safe, but for changes of one record,
 * which are to come one after another; calls block on the disk. What is stored survives the death
 * of the process, and at any moment of it; records are soft state that other holders have too, so
 * they are not synced to disk.
 */
public interface RecordStore {
  /** The column families that {@link #on(Database)} needs. */
  List<String> COLUMN_FAMILIES =
      List.of(
          KeyValueRecordStore.VALUES,
          KeyValueRecordStore.VALUE_INDEX,
          KeyValueRecordStore.PROVIDERS,
          KeyValueRecordStore.PROVIDER_INDEX);

  /** Records in the stores {@link #COLUMN_FAMILIES} of {@code database}. */
  static RecordStore on(Database database) {
    return new KeyValueRecordStore(database);
  }

  /** Records that are gone with the process. */
  static RecordStore inMemory() {
    return new KeyValueRecordStore(new MemoryDatabase());
  }

  Optional<ValueRecord> value(byte[] key);

  /** Stores a value in place of the one under the same key. */
  void putValue(ValueRecord record);

  void removeValue(byte[] key);

  /**
   * Visits the values that were published at {@code sinceMs} or later, without reading them: those
   * published longest ago first. Where nothing is left before it, that moment spares a store the
   * way over what was removed there.
   */
  void forEachPublished(long sinceMs, PublishedVisitor visitor);

  /** Visits all values, without reading them: those received longest ago first. */
  void forEachReceived(ReceivedVisitor visitor);

  /** All provider records of {@code content}, in the order of the providers' ids. */
  List<ProviderRecord> providers(Multihash content);

  Optional<ProviderRecord> provider(Multihash content, PeerId provider);

  /** Stores a record in place of the one of the same content and provider. */
  void putProvider(ProviderRecord record);

  /**
   * Removes a record.
   *
   * @return what it was
   */
  Optional<ProviderRecord> removeProvider(Multihash content, PeerId provider);

  /** Visits the provider records of {@code sinceMs} or later: the oldest first. */
  void forEachProvided(long sinceMs, ProvidedVisitor visitor);

  /** Visits the provider records of one origin, of {@code sinceMs} or later: the oldest first. */
  void forEachProvided(Origin origin, long sinceMs, ProvidedVisitor visitor);

  /** How many provider records there are of each origin. */
  Map<Origin, Integer> providersByOrigin();

  /** Takes what is known of one value; the visit goes on while this returns true. */
  @FunctionalInterface
  interface PublishedVisitor {
    boolean visit(byte[] key, int valueBytes, long publishedMs);
  }

  /** Takes what is known of one value; the visit goes on while this returns true. */
  @FunctionalInterface
  interface ReceivedVisitor {
    boolean visit(byte[] key, long receivedMs, long publishedMs);
  }

  /** Takes what is known of one record; the visit goes on while this returns true. */
  @FunctionalInterface
  interface ProvidedVisitor {
    boolean visit(Multihash content, PeerId provider, long providedMs);
  }
}
