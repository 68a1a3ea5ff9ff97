package org.skerry.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.skerry.bench.Report.Row;
import org.skerry.dht.record.ProviderRecord;
import org.skerry.dht.record.ProviderRecords;
import org.skerry.dht.record.RecordStore;
import org.skerry.dht.record.ValueRecord;
import org.skerry.dht.record.ValueRecords;
import org.skerry.dht.routing.Origin;
import org.skerry.dht.storage.RocksDatabase;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;
import org.skerry.simulation.HashedNamespace;
import org.skerry.trainer.DurableFiles;

/**
 * Starts on a database of many records, as a node does: opens it and has the rules of values and of
 * providers count what is there. The database was closed in order; the pages of its files may still
 * be in memory. Seconds are scaled to a million records.
 */
final class RecordStoreBenchmark implements Benchmark {
  private static final int VALUE_BYTES = 1024;
  private static final int PROVIDERS_PER_CONTENT = 4;
  private static final PeerId SELF = new PeerId(Multihash.ofSha256(new byte[32]));

  @Override
  public String name() {
    return "dht-store";
  }

  @Override
  public String about() {
    return "start-up of a DHT node on a database of many records, and the heap that they take";
  }

  @Override
  public Map<String, String> options() {
    return new TreeMap<>(Map.of("records", "1000000"));
  }

  /** What a start took, and what is on the heap because of it. */
  private record Start(double openSeconds, double countSeconds, int count, long heapBytes) {
    double seconds() {
      return openSeconds + countSeconds;
    }

    Row row(String label) {
      return Row.of(label, (double) count, openSeconds, countSeconds, heapBytes / (double) count);
    }
  }

  @Override
  public Report run(Options options) throws IOException {
    int records = options.number("records");
    Path folder = Files.createTempDirectory("skerry-dht-store");
    try {
      double valueWrite = fill(folder.resolve("values"), store -> putValues(store, records));
      double providerWrite =
          fill(folder.resolve("providers"), store -> putProviders(store, records));
      Start values = start(folder.resolve("values"), RecordStoreBenchmark::values);
      Start providers = start(folder.resolve("providers"), RecordStoreBenchmark::providers);
      return report(records, values, providers, valueWrite, providerWrite);
    } finally {
      DurableFiles.deleteTree(folder);
    }
  }

  private static Report report(
      int records, Start values, Start providers, double valueWrite, double providerWrite) {
    if (values.count() != records || providers.count() != records) {
      throw new IllegalStateException(
          "of "
              + records
              + " records, "
              + values.count()
              + " values and "
              + providers.count()
              + " provider records were found");
    }
    double millions = records / 1e6;
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("startup_seconds_million_values", Report.rounded(values.seconds() / millions));
    figures.put(
        "startup_seconds_million_providers", Report.rounded(providers.seconds() / millions));
    figures.put("heap_bytes_per_value", Report.rounded(values.heapBytes() / (double) records));
    figures.put(
        "heap_bytes_per_provider", Report.rounded(providers.heapBytes() / (double) records));
    figures.put("value_writes_per_second", Report.rounded(records / valueWrite));
    figures.put("provider_writes_per_second", Report.rounded(records / providerWrite));
    return new Report(
        List.of("records", "open s", "count s", "heap B each"),
        List.of(values.row("values of 1 KiB"), providers.row("provider records")),
        figures);
  }

  private static double fill(Path folder, Consumer<RecordStore> records) {
    long startNanos = System.nanoTime();
    try (RocksDatabase database = RocksDatabase.open(folder, RecordStore.COLUMN_FAMILIES)) {
      records.accept(RecordStore.on(database));
    }
    return (System.nanoTime() - startNanos) / 1e9;
  }

  private static void putValues(RecordStore store, int count) {
    Random random = new Random(1);
    byte[] value = new byte[VALUE_BYTES];
    for (int i = 0; i < count; i++) {
      random.nextBytes(value);
      store.putValue(new ValueRecord(HashedNamespace.keyOf(value), value, i, i));
    }
  }

  private static void putProviders(RecordStore store, int count) {
    Multiaddr address = Multiaddr.parse("/ip4/11.22.33.44/tcp/4001");
    for (int i = 0; i < count; i++) {
      store.putProvider(
          new ProviderRecord(
              Multihash.sha256(number(i / PROVIDERS_PER_CONTENT)),
              new PeerId(Multihash.sha256(number(-i))),
              new Origin("%04x".formatted(i % 10_000)),
              List.of(address),
              i));
    }
  }

  private static byte[] number(int i) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(i).array();
  }

  private static Integer values(RecordStore store, List<Object> keep) {
    ValueRecords records =
        new ValueRecords(
            SELF,
            peer -> Origin.UNKNOWN,
            Map.of(HashedNamespace.NAME, new HashedNamespace()),
            store,
            ValueRecords.Settings.defaults());
    keep.add(records);
    return records.count();
  }

  private static Integer providers(RecordStore store, List<Object> keep) {
    ProviderRecords records = new ProviderRecords(SELF, store, ProviderRecords.Settings.defaults());
    keep.add(records);
    return records.count();
  }

  private static Start start(Path folder, BiFunction<RecordStore, List<Object>, Integer> rules) {
    List<Object> keep = new ArrayList<>();
    long before = heapBytes();
    long startNanos = System.nanoTime();
    try (RocksDatabase database = RocksDatabase.open(folder, RecordStore.COLUMN_FAMILIES)) {
      RecordStore store = RecordStore.on(database);
      long openNanos = System.nanoTime();
      int count = rules.apply(store, keep);
      long endNanos = System.nanoTime();
      long heapBytes = Math.max(0, heapBytes() - before);
      if (keep.isEmpty()) {
        throw new IllegalStateException("nothing was kept to be measured");
      }
      return new Start(
          (openNanos - startNanos) / 1e9, (endNanos - openNanos) / 1e9, count, heapBytes);
    }
  }

  private static long heapBytes() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
