package org.skerry.dht.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.dht.Acquaintance;
import org.skerry.dht.PeerStore;
import org.skerry.dht.routing.Origin;
import org.skerry.dht.routing.Whereabouts;
import org.skerry.dht.storage.RocksDatabase;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

/** A process that writes records is killed with SIGKILL, again and again. */
class KilledRecordStoreIT {
  private static final int KILLS = 4;
  private static final int KEYS = 300;
  private static final List<String> FAMILIES = new ArrayList<>(RecordStore.COLUMN_FAMILIES);

  static {
    FAMILIES.add(PeerStore.COLUMN_FAMILY);
  }

  @TempDir Path folder;

  /** Puts, replaces and removes records for ever; says after each step that it is done. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] arguments) {
      Random random = new Random(Long.parseLong(arguments[1]));
      try (RocksDatabase database = RocksDatabase.open(Path.of(arguments[0]), FAMILIES)) {
        RecordStore store = RecordStore.on(database);
        PeerStore peers = PeerStore.on(database.store(PeerStore.COLUMN_FAMILY));
        System.out.println("open");
        for (long step = 1; ; step++) {
          int i = random.nextInt(KEYS);
          if (random.nextInt(5) == 0) {
            store.removeValue(key(i));
            store.removeProvider(content(i / 30), peer(i));
          } else {
            store.putValue(
                new ValueRecord(key(i), new byte[random.nextInt(2000)], random.nextInt(), step));
            store.putProvider(
                new ProviderRecord(
                    content(i / 30),
                    peer(i),
                    new Origin("at " + random.nextInt(9)),
                    List.of(),
                    random.nextInt()));
          }
          Acquaintance known =
              new Acquaintance(
                  peer(i),
                  new Whereabouts(
                      Origin.UNKNOWN, List.of(Multiaddr.parse("/ip4/1.2.3.4/tcp/" + i))),
                  0,
                  step);
          peers.save(List.of(known), List.of(peer(random.nextInt(KEYS))));
          if (step % 500 == 0) {
            // The newest value that was acknowledged, to be there with this time or a later one.
            store.putValue(new ValueRecord(key(KEYS), new byte[1], step, step));
            System.out.println(step);
          }
        }
      }
    }
  }

  static byte[] key(int i) {
    return ("/words/" + i).getBytes(StandardCharsets.UTF_8);
  }

  static Multihash content(int i) {
    return Multihash.sha256(new byte[] {(byte) i});
  }

  static PeerId peer(int i) {
    return new PeerId(Multihash.sha256(ByteBuffer.allocate(4).putInt(i).array()));
  }

  @Test
  void findsRecordsAndIndexesInStepWheneverItIsKilled() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int kill = 0; kill < KILLS; kill++) {
      long acknowledged = runAndKill(random.nextLong(), 1 + random.nextInt(8), random.nextInt(40));
      try (RocksDatabase database = RocksDatabase.open(folder, FAMILIES)) {
        RecordStore store = RecordStore.on(database);
        String when = "seed " + seed + ", kill " + kill;
        assertThat(store.value(key(KEYS)))
            .as(when)
            .hasValueSatisfying(
                last -> assertThat(last.receivedMs()).isGreaterThanOrEqualTo(acknowledged));
        assertIndexed(store, when);
        PeerStore.Loaded peers = PeerStore.on(database.store(PeerStore.COLUMN_FAMILY)).load();
        assertThat(peers.unreadable()).as(when).isZero();
        assertThat(peers.peers()).as(when).isNotEmpty();
      }
    }
  }

  /** Returns the last step that the process said it had done. */
  private long runAndKill(long seed, int steps, int afterMs) throws IOException {
    Process writer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Writer.class.getName(),
                folder.toString(),
                Long.toString(seed))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader out = writer.inputReader()) {
      assertThat(out.readLine()).isEqualTo("open");
      long acknowledged = 0;
      for (int i = 0; i < steps; i++) {
        acknowledged = Long.parseLong(out.readLine());
      }
      // At any moment of a step, not only at its end.
      long until = System.nanoTime() + afterMs * 1_000_000L;
      while (System.nanoTime() < until) {
        Thread.onSpinWait();
      }
      writer.destroyForcibly().onExit().join();
      return acknowledged;
    } finally {
      writer.destroyForcibly();
    }
  }

  /** Each record has its own entries in the index, and no entry is without its record. */
  private static void assertIndexed(RecordStore store, String when) {
    Map<ByteBuffer, List<Long>> published = new HashMap<>();
    store.forEachPublished(
        Long.MIN_VALUE,
        (key, valueBytes, ms) ->
            published.put(ByteBuffer.wrap(key), List.of((long) valueBytes, ms)) == null);
    Map<ByteBuffer, List<Long>> received = new HashMap<>();
    store.forEachReceived((key, ms, publishedMs) ->
        received.put(ByteBuffer.wrap(key), List.of(ms, publishedMs)) == null);
    Map<ByteBuffer, List<Long>> published2 = new HashMap<>();
    Map<ByteBuffer, List<Long>> received2 = new HashMap<>();
    for (int i = 0; i <= KEYS; i++) {
      ByteBuffer key = ByteBuffer.wrap(key(i));
      store
          .value(key.array())
          .ifPresent(value -> {
            published2.put(key, List.of((long) value.value().length, value.publishedMs()));
            received2.put(key, List.of(value.receivedMs(), value.publishedMs()));
          });
    }
    assertThat(published).as(when).isEqualTo(published2).isNotEmpty();
    assertThat(received).as(when).isEqualTo(received2);

    Set<List<Object>> provided = new HashSet<>();
    store.forEachProvided(
        Long.MIN_VALUE, (content, peer, ms) -> provided.add(List.of(content, peer, ms)));
    Set<List<Object>> ofOrigins = new HashSet<>();
    store
        .providersByOrigin()
        .keySet()
        .forEach(origin ->
            store.forEachProvided(
                origin,
                Long.MIN_VALUE,
                (content, peer, ms) -> ofOrigins.add(List.of(content, peer, ms, origin))));
    Set<List<Object>> provided2 = new HashSet<>();
    Set<List<Object>> ofOrigins2 = new HashSet<>();
    for (int i = 0; i <= KEYS / 30; i++) {
      for (ProviderRecord r : store.providers(content(i))) {
        provided2.add(List.of(r.content(), r.provider(), r.providedMs()));
        ofOrigins2.add(List.of(r.content(), r.provider(), r.providedMs(), r.origin()));
      }
    }
    assertThat(provided).as(when).isEqualTo(provided2).isNotEmpty();
    assertThat(ofOrigins).as(when).isEqualTo(ofOrigins2);
  }
}
