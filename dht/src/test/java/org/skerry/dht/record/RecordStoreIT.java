package org.skerry.dht.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.dht.storage.RocksDatabase;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

class RecordStoreIT {
  private static final Multihash CONTENT = Multihash.sha256(new byte[] {1});

  private static final byte[] KEY = "/words/a".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;

  private RocksDatabase open() {
    return RocksDatabase.open(folder, RecordStore.COLUMN_FAMILIES);
  }

  @Test
  void findsRecordsAgainAfterARestart() {
    ValueRecord value = new ValueRecord(KEY, new byte[] {1, 2}, 5, 7);
    ProviderRecord provider =
        new ProviderRecord(
            CONTENT,
            new PeerId(Multihash.sha256(new byte[] {2})),
            List.of(Multiaddr.parse("/ip4/1.2.3.4/tcp/1"), Multiaddr.parse("/ip6/::1/tcp/2")),
            9);
    try (RocksDatabase database = open()) {
      RecordStore store = RecordStore.on(database);
      store.putValue(value);
      store.putProvider(provider);
    }
    try (RocksDatabase database = open()) {
      RecordStore store = RecordStore.on(database);
      assertThat(store.value(KEY)).hasValue(value);
      assertThat(store.providers(CONTENT)).containsExactly(provider);
      List<Object> all = new ArrayList<>();
      store.forEachValue(all::add);
      store.forEachProvider(all::add);
      assertThat(all).containsExactly(value, provider);
      store.removeValue(KEY);
      store.removeProvider(CONTENT, provider.provider());
    }
    try (RocksDatabase database = open()) {
      assertThat(RecordStore.on(database).value(KEY)).isEmpty();
      assertThat(RecordStore.on(database).providers(CONTENT)).isEmpty();
    }
  }
}
