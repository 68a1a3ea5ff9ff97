package org.skerry.dht.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.dht.routing.Origin;
import org.skerry.dht.storage.Durability;
import org.skerry.dht.storage.RocksDatabase;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

class RecordStoreIT {
  private static final Multihash CONTENT = Multihash.sha256(new byte[] {1});
  private static final Origin HERE = new Origin("0b01");
  private static final byte[] KEY = "/words/a".getBytes(StandardCharsets.UTF_8);
  private static final ValueRecord VALUE = new ValueRecord(KEY, new byte[] {1, 2}, 5, 7);
  private static final ProviderRecord PROVIDER =
      new ProviderRecord(
          CONTENT,
          new PeerId(Multihash.sha256(new byte[] {2})),
          HERE,
          List.of(Multiaddr.parse("/ip4/1.2.3.4/tcp/1"), Multiaddr.parse("/ip6/::1/tcp/2")),
          9);

  @TempDir Path folder;

  private RocksDatabase open() {
    return RocksDatabase.open(folder, RecordStore.COLUMN_FAMILIES);
  }

  /** All that the indexes know. */
  private static List<Object> index(RecordStore store) {
    List<Object> all = new ArrayList<>();
    store.forEachPublished(
        Long.MIN_VALUE,
        (key, valueBytes, publishedMs) ->
            all.add(List.of(ByteBuffer.wrap(key), valueBytes, publishedMs)));
    store.forEachReceived((key, receivedMs, publishedMs) ->
        all.add(List.of(ByteBuffer.wrap(key), receivedMs, publishedMs)));
    store.forEachProvided(
        Long.MIN_VALUE, (content, provider, ms) -> all.add(List.of(content, provider, ms)));
    all.add(store.providersByOrigin());
    return all;
  }

  private static final List<Object> BOTH =
      List.of(
          List.of(ByteBuffer.wrap(KEY), 2, 5L),
          List.of(ByteBuffer.wrap(KEY), 7L, 5L),
          List.of(CONTENT, PROVIDER.provider(), 9L),
          Map.of(HERE, 1));

  @Test
  void findsRecordsAgainAfterARestart() {
    try (RocksDatabase database = open()) {
      RecordStore store = RecordStore.on(database);
      store.putValue(new ValueRecord(KEY, new byte[9], 1, 1));
      store.putValue(VALUE);
      store.putProvider(
          new ProviderRecord(CONTENT, PROVIDER.provider(), Origin.UNKNOWN, List.of(), 1));
      store.putProvider(PROVIDER);
    }
    try (RocksDatabase database = open()) {
      RecordStore store = RecordStore.on(database);
      assertThat(store.value(KEY)).hasValue(VALUE);
      assertThat(store.providers(CONTENT)).containsExactly(PROVIDER);
      assertThat(index(store)).isEqualTo(BOTH);
      store.removeValue(KEY);
      assertThat(store.removeProvider(CONTENT, PROVIDER.provider())).hasValue(PROVIDER);
    }
    try (RocksDatabase database = open()) {
      RecordStore store = RecordStore.on(database);
      assertThat(store.value(KEY)).isEmpty();
      assertThat(store.providers(CONTENT)).isEmpty();
      assertThat(index(store)).containsExactly(Map.of());
    }
  }

  @Test
  void makesTheIndexesOfADatabaseThatHasNone() {
    try (RocksDatabase database = open()) {
      RecordStore.on(database).putProvider(PROVIDER);
      RecordStore.on(database).putValue(VALUE);
    }
    byte[] mark = "v1".getBytes(StandardCharsets.UTF_8);
    try (RocksDatabase database = open()) {
      for (String index : List.of("dht-value-index", "dht-provider-index")) {
        List<byte[]> keys = new ArrayList<>();
        database.store(index).scan(new byte[0], (key, value) -> keys.add(key));
        keys.forEach(key -> database.store(index).delete(key, Durability.PROCESS_CRASH));
        assertThat(database.store(index).get(mark)).isEmpty();
      }
      assertThat(index(RecordStore.on(database))).isEqualTo(BOTH);
      assertThat(database.store("dht-value-index").get(mark)).isPresent();
    }
  }

  @Test
  void readsProviderRecordsThatSayNoOrigin() {
    try (RocksDatabase database = open()) {
      byte[] peer = PROVIDER.provider().bytes();
      byte[] key = ByteBuffer.allocate(34 + peer.length).put(CONTENT.bytes()).put(peer).array();
      byte[] old = ByteBuffer.allocate(8).putLong(1_700_000_000_000L).array();
      database.store("dht-providers").put(key, old, Durability.PROCESS_CRASH);
      assertThat(RecordStore.on(database).providers(CONTENT))
          .containsExactly(
              new ProviderRecord(
                  CONTENT, PROVIDER.provider(), Origin.UNKNOWN, List.of(), 1_700_000_000_000L));
    }
  }

  @Test
  void takesForGoneWhatItCannotRead() {
    try (RocksDatabase database = open()) {
      RecordStore store = RecordStore.on(database);
      store.putProvider(PROVIDER);
      database.store("dht-values").put(KEY, new byte[] {1}, Durability.PROCESS_CRASH);
      byte[] hash = CONTENT.bytes();
      byte[] key = ByteBuffer.allocate(35).put(hash).put((byte) 0x12).array();
      database.store("dht-providers").put(key, new byte[] {1, 2}, Durability.PROCESS_CRASH);
      assertThat(store.value(KEY)).isEmpty();
      assertThat(store.providers(CONTENT)).containsExactly(PROVIDER);
      store.putValue(VALUE);
      assertThat(store.value(KEY)).hasValue(VALUE);
    }
  }
}
