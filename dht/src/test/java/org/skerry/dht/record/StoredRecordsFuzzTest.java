package org.skerry.dht.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.skerry.dht.storage.Durability;
import org.skerry.dht.storage.MemoryDatabase;

/**
 * A store that another version, or a damaged disk, has left: entries of any bytes, each behind its
 * key's and its value's size.
 */
class StoredRecordsFuzzTest {
  @FuzzTest
  void store(byte[] in) {
    MemoryDatabase database = new MemoryDatabase();
    for (ByteBuffer script = ByteBuffer.wrap(in); script.remaining() >= 2; ) {
      byte[] key = take(script);
      byte[] value = take(script);
      database.store(KeyValueRecordStore.PROVIDERS).put(key, value, Durability.PROCESS_CRASH);
      database.store(KeyValueRecordStore.VALUES).put(key, value, Durability.PROCESS_CRASH);
    }
    RecordStore store = RecordStore.on(database);
    List<ProviderRecord> provided = new ArrayList<>();
    store.forEachProvided(
        Long.MIN_VALUE,
        (content, provider, providedMs) -> {
          ProviderRecord record = store.provider(content, provider).orElseThrow();
          assertThat(record.providedMs()).isEqualTo(providedMs);
          provided.add(record);
          return true;
        });
    int counted = store.providersByOrigin().values().stream().mapToInt(Integer::intValue).sum();
    assertThat(counted).isEqualTo(provided.size());
    for (ProviderRecord record : provided) {
      assertThat(store.providers(record.content())).contains(record);
      store.putProvider(record);
      assertThat(store.removeProvider(record.content(), record.provider())).contains(record);
    }
    assertThat(store.providersByOrigin()).isEmpty();
    List<ValueRecord> values = new ArrayList<>();
    store.forEachPublished(
        Long.MIN_VALUE,
        (key, valueBytes, publishedMs) -> {
          ValueRecord record = store.value(key).orElseThrow();
          assertThat(record.valueBytes()).isEqualTo(valueBytes);
          assertThat(record.publishedMs()).isEqualTo(publishedMs);
          return values.add(record);
        });
    values.forEach(value -> store.removeValue(value.key()));
    store.forEachPublished(
        Long.MIN_VALUE,
        (key, valueBytes, publishedMs) -> {
          throw new AssertionError("a value that was removed");
        });
  }

  private static byte[] take(ByteBuffer script) {
    int size = script.hasRemaining() ? script.get() & 0xff : 0;
    byte[] out = new byte[Math.min(size, script.remaining())];
    script.get(out);
    return out;
  }
}
