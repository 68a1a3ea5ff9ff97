package org.skerry.dht.record;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.skerry.dht.routing.Origin;
import org.skerry.dht.routing.Whereabouts;
import org.skerry.dht.storage.Database;
import org.skerry.dht.storage.Durability;
import org.skerry.dht.storage.KeyValueStore;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

/**
 * Records as bytes, each beside its entries in an index, with which it is written at once:
 *
 * <pre>
 * values           record key            → time published ‖ time received ‖ value
 * value index      'p' ‖ time published ‖ record key → u32 bytes of the value
 *                  'r' ‖ time received ‖ record key  → time published
 * providers        multihash ‖ peer id   → 1 ‖ time ‖ {@link Whereabouts}
 * provider index   't' ‖ time ‖ multihash ‖ peer id  → nothing
 *                  'o' ‖ origin ‖ time ‖ multihash ‖ peer id → nothing
 * </pre>
 *
 * A time is a u64 of milliseconds, in an index such that earlier ones sort first. A multihash
 * delimits itself, so one content's providers share a prefix that no other has, as an origin does.
 *
 * <p>An index without its mark {@code "v1"} is made anew from its records, as one of a database is
 * that was written before there were indexes.
 */
final class KeyValueRecordStore implements RecordStore {
  static final String VALUES = "dht-values";
  static final String VALUE_INDEX = "dht-value-index";
  static final String PROVIDERS = "dht-providers";
  static final String PROVIDER_INDEX = "dht-provider-index";

  private static final int MAX_BATCH = 1000;
  private static final byte[] MARK = "v1".getBytes(StandardCharsets.US_ASCII);

  /** Written before origins were, a provider record begins with its time, whose first byte is 0. */
  private static final byte WITH_ORIGIN = 1;

  private final Database database;
  private final KeyValueStore values;
  private final KeyValueStore valueIndex;
  private final KeyValueStore providers;
  private final KeyValueStore providerIndex;

  KeyValueRecordStore(Database database) {
    this.database = database;
    values = database.store(VALUES);
    valueIndex = database.store(VALUE_INDEX);
    providers = database.store(PROVIDERS);
    providerIndex = database.store(PROVIDER_INDEX);
    markOrRebuild(
        values,
        valueIndex,
        (key, stored, entries) ->
            decodeValue(key, stored)
                .ifPresent(record -> entries.addAll(puts(valueEntries(record)))));
    markOrRebuild(
        providers,
        providerIndex,
        (key, stored, entries) ->
            decodeProvider(key, stored)
                .ifPresent(record -> entries.addAll(puts(providerEntries(record)))));
  }

  private interface Indexer {
    void index(byte[] key, byte[] stored, List<KeyValueStore.Change> entries);
  }

  private static void markOrRebuild(KeyValueStore records, KeyValueStore index, Indexer indexer) {
    if (index.get(MARK).isPresent()) {
      return;
    }
    List<KeyValueStore.Change> batch = new ArrayList<>();
    records.scan(
        new byte[0],
        (key, stored) -> {
          indexer.index(key, stored, batch);
          if (batch.size() >= MAX_BATCH) {
            index.write(batch, Durability.PROCESS_CRASH);
            batch.clear();
          }
          return true;
        });
    batch.add(new KeyValueStore.Put(MARK, new byte[0]));
    index.write(batch, Durability.PROCESS_CRASH);
  }

  /** An entry of an index. */
  private record Entry(byte[] key, byte[] value) {}

  private static List<KeyValueStore.Change> puts(List<Entry> entries) {
    List<KeyValueStore.Change> puts = new ArrayList<>();
    entries.forEach(entry -> puts.add(new KeyValueStore.Put(entry.key(), entry.value())));
    return puts;
  }

  private static List<KeyValueStore.Change> deletes(List<Entry> entries) {
    List<KeyValueStore.Change> deletes = new ArrayList<>();
    entries.forEach(entry -> deletes.add(new KeyValueStore.Delete(entry.key())));
    return deletes;
  }

  // Values.

  @Override
  public Optional<ValueRecord> value(byte[] key) {
    return values.get(key).flatMap(stored -> decodeValue(key, stored));
  }

  @Override
  public void putValue(ValueRecord record) {
    byte[] key = record.key();
    List<KeyValueStore.Change> index = new ArrayList<>();
    value(key).ifPresent(old -> index.addAll(deletes(valueEntries(old))));
    index.addAll(puts(valueEntries(record)));
    byte[] value = record.value();
    byte[] stored =
        ByteBuffer.allocate(2 * Long.BYTES + value.length)
            .putLong(record.publishedMs())
            .putLong(record.receivedMs())
            .put(value)
            .array();
    database.write(
        Map.of(VALUES, List.of(new KeyValueStore.Put(key, stored)), VALUE_INDEX, index),
        Durability.PROCESS_CRASH);
  }

  @Override
  public void removeValue(byte[] key) {
    List<KeyValueStore.Change> index = new ArrayList<>();
    value(key).ifPresent(old -> index.addAll(deletes(valueEntries(old))));
    database.write(
        Map.of(VALUES, List.of(new KeyValueStore.Delete(key)), VALUE_INDEX, index),
        Durability.PROCESS_CRASH);
  }

  @Override
  public void forEachPublished(long sinceMs, PublishedVisitor visitor) {
    valueIndex.scan(
        new byte[] {'p'},
        ordered('p', new byte[0], sinceMs, new byte[0]),
        (entry, stored) -> {
          ByteBuffer in = ByteBuffer.wrap(entry, 1, entry.length - 1);
          long publishedMs = time(in);
          return visitor.visit(rest(in), ByteBuffer.wrap(stored).getInt(), publishedMs);
        });
  }

  @Override
  public void forEachReceived(ReceivedVisitor visitor) {
    valueIndex.scan(
        new byte[] {'r'},
        (entry, stored) -> {
          ByteBuffer in = ByteBuffer.wrap(entry, 1, entry.length - 1);
          long receivedMs = time(in);
          return visitor.visit(rest(in), receivedMs, ByteBuffer.wrap(stored).getLong());
        });
  }

  private static List<Entry> valueEntries(ValueRecord record) {
    byte[] key = record.key();
    byte[] size = ByteBuffer.allocate(Integer.BYTES).putInt(record.valueBytes()).array();
    byte[] published = ByteBuffer.allocate(Long.BYTES).putLong(record.publishedMs()).array();
    return List.of(
        new Entry(ordered('p', new byte[0], record.publishedMs(), key), size),
        new Entry(ordered('r', new byte[0], record.receivedMs(), key), published));
  }

  private static Optional<ValueRecord> decodeValue(byte[] key, byte[] stored) {
    if (stored.length < 2 * Long.BYTES) {
      return Optional.empty();
    }
    ByteBuffer in = ByteBuffer.wrap(stored);
    long publishedMs = in.getLong();
    long receivedMs = in.getLong();
    return Optional.of(new ValueRecord(key, rest(in), publishedMs, receivedMs));
  }

  // Provider records.

  @Override
  public List<ProviderRecord> providers(Multihash content) {
    List<ProviderRecord> found = new ArrayList<>();
    providers.scan(
        content.bytes(),
        (key, stored) -> {
          decodeProvider(key, stored).ifPresent(found::add);
          return true;
        });
    return found;
  }

  @Override
  public Optional<ProviderRecord> provider(Multihash content, PeerId provider) {
    byte[] key = providerKey(content, provider);
    return providers.get(key).flatMap(stored -> decodeProvider(key, stored));
  }

  @Override
  public void putProvider(ProviderRecord record) {
    List<KeyValueStore.Change> index = new ArrayList<>();
    provider(record.content(), record.provider())
        .ifPresent(old -> index.addAll(deletes(providerEntries(old))));
    index.addAll(puts(providerEntries(record)));
    byte[] key = providerKey(record.content(), record.provider());
    database.write(
        Map.of(
            PROVIDERS, List.of(new KeyValueStore.Put(key, encode(record))), PROVIDER_INDEX, index),
        Durability.PROCESS_CRASH);
  }

  @Override
  public Optional<ProviderRecord> removeProvider(Multihash content, PeerId provider) {
    Optional<ProviderRecord> old = provider(content, provider);
    List<KeyValueStore.Change> index = new ArrayList<>();
    old.ifPresent(record -> index.addAll(deletes(providerEntries(record))));
    byte[] key = providerKey(content, provider);
    database.write(
        Map.of(PROVIDERS, List.of(new KeyValueStore.Delete(key)), PROVIDER_INDEX, index),
        Durability.PROCESS_CRASH);
    return old;
  }

  @Override
  public void forEachProvided(long sinceMs, ProvidedVisitor visitor) {
    forEachProvided('t', new byte[0], sinceMs, visitor);
  }

  @Override
  public void forEachProvided(Origin origin, long sinceMs, ProvidedVisitor visitor) {
    forEachProvided('o', Whereabouts.encode(origin), sinceMs, visitor);
  }

  private void forEachProvided(char order, byte[] origin, long sinceMs, ProvidedVisitor visitor) {
    byte[] prefix = ByteBuffer.allocate(1 + origin.length).put((byte) order).put(origin).array();
    providerIndex.scan(
        prefix,
        ordered(order, origin, sinceMs, new byte[0]),
        (entry, stored) -> {
          ByteBuffer in = ByteBuffer.wrap(entry, prefix.length, entry.length - prefix.length);
          long providedMs = time(in);
          return visitor.visit(Multihash.read(in), new PeerId(Multihash.read(in)), providedMs);
        });
  }

  @Override
  public Map<Origin, Integer> providersByOrigin() {
    Map<Origin, Integer> counts = new HashMap<>();
    providerIndex.scan(
        new byte[] {'o'},
        (entry, stored) -> {
          ByteBuffer in = ByteBuffer.wrap(entry, 1, entry.length - 1);
          counts.merge(Whereabouts.decodeOrigin(in), 1, Integer::sum);
          return true;
        });
    return counts;
  }

  private static List<Entry> providerEntries(ProviderRecord record) {
    byte[] key = providerKey(record.content(), record.provider());
    byte[] nothing = new byte[0];
    return List.of(
        new Entry(ordered('t', nothing, record.providedMs(), key), nothing),
        new Entry(
            ordered('o', Whereabouts.encode(record.origin()), record.providedMs(), key), nothing));
  }

  private static byte[] providerKey(Multihash content, PeerId provider) {
    byte[] hash = content.bytes();
    byte[] peer = provider.bytes();
    return ByteBuffer.allocate(hash.length + peer.length).put(hash).put(peer).array();
  }

  private static byte[] encode(ProviderRecord record) {
    byte[] where = new Whereabouts(record.origin(), record.addresses()).encode();
    return ByteBuffer.allocate(1 + Long.BYTES + where.length)
        .put(WITH_ORIGIN)
        .putLong(record.providedMs())
        .put(where)
        .array();
  }

  private static Optional<ProviderRecord> decodeProvider(byte[] key, byte[] stored) {
    try {
      ByteBuffer keyIn = ByteBuffer.wrap(key);
      Multihash content = Multihash.read(keyIn);
      PeerId provider = new PeerId(Multihash.read(keyIn));
      if (keyIn.hasRemaining()) {
        return Optional.empty(); // nobody would find it under the key of these two
      }
      ByteBuffer in = ByteBuffer.wrap(stored);
      boolean withOrigin = in.get() == WITH_ORIGIN;
      if (!withOrigin) {
        in.rewind();
      }
      long providedMs = in.getLong();
      Optional<Whereabouts> where =
          withOrigin
              ? Whereabouts.decode(in)
              : Optional.of(new Whereabouts(Origin.UNKNOWN, Whereabouts.decodeAddresses(in)));
      return where.map(
          at -> new ProviderRecord(content, provider, at.origin(), at.addresses(), providedMs));
    } catch (IllegalArgumentException | BufferUnderflowException e) {
      return Optional.empty(); // what cannot be read is as good as not there
    }
  }

  // Parts of keys and records.

  private static byte[] ordered(char order, byte[] origin, long ms, byte[] key) {
    return ByteBuffer.allocate(1 + origin.length + Long.BYTES + key.length)
        .put((byte) order)
        .put(origin)
        .putLong(ms ^ Long.MIN_VALUE)
        .put(key)
        .array();
  }

  private static long time(ByteBuffer in) {
    return in.getLong() ^ Long.MIN_VALUE;
  }

  private static byte[] rest(ByteBuffer in) {
    byte[] bytes = new byte[in.remaining()];
    in.get(bytes);
    return bytes;
  }
}
