package org.skerry.dht.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.skerry.dht.routing.Origin;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

class ValueRecordsTest {
  private static final long NOW = 1_000_000_000L;
  private static final long HOUR = 3_600_000L;
  private static final byte[] KEY = bytes("/words/a");
  private static final PeerId SELF = new PeerId(Multihash.ofSha256(new byte[32]));

  private final RecordStore store = RecordStore.inMemory();
  private ValueRecords records = records(4, 100);

  private ValueRecords records(int maxCount, long maxBytes) {
    return new ValueRecords(
        SELF,
        peer -> Origin.UNKNOWN,
        Map.of("words", new WordSetNamespace(), "fragile", new FragileNamespace()),
        store,
        new ValueRecords.Settings(48 * HOUR, HOUR, maxCount, maxBytes));
  }

  /** A namespace with a bug. */
  private static final class FragileNamespace implements RecordNamespace {
    @Override
    public Optional<Rejection> validate(Sender from, byte[] key, byte[] value) {
      throw new IllegalStateException("oops");
    }

    @Override
    public byte[] merge(byte[] key, byte[] current, byte[] incoming) {
      return current;
    }

    @Override
    public int maxValueBytes() {
      return 10;
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Optional<Rejection.Reason> put(String key, String value) {
    return records.put(SELF, bytes(key), bytes(value), NOW, NOW).map(Rejection::reason);
  }

  @Test
  void refusesWhatNoNamespaceAnswersFor() {
    for (String key : new String[] {"", "words/a", "/", "//a", "/words", "/other/a"}) {
      assertThat(put(key, "red")).as(key).hasValue(Rejection.Reason.UNKNOWN_NAMESPACE);
    }
    assertThat(put("/words/" + "x".repeat(600), "red")).hasValue(Rejection.Reason.TOO_LARGE);
    assertThat(put("/words/a", "r".repeat(10_001))).hasValue(Rejection.Reason.TOO_LARGE);
    assertThat(put("/words/a", "RED")).hasValue(Rejection.Reason.INVALID_RECORD);
    assertThat(put("/fragile/a", "red")).hasValue(Rejection.Reason.INVALID_RECORD);
    assertThat(records.count()).isZero();
  }

  @Test
  void keepsTheJoinOfWhatWasPut() {
    assertThat(put("/words/a", "red")).isEmpty();
    assertThat(put("/words/a", "blue")).isEmpty();
    assertThat(records.get(KEY, NOW)).map(ValueRecord::value).hasValue(bytes("blue red"));
  }

  @Test
  void losesNoWordWhenManyPutAtOnce() {
    ValueRecords wide = records(10, 100_000);
    try (ExecutorService executor = Executors.newFixedThreadPool(8)) {
      for (int i = 0; i < 200; i++) {
        String word = "w" + i;
        executor.execute(() -> wide.put(SELF, KEY, bytes(word), NOW, NOW));
      }
    }
    assertThat(wide.get(KEY, NOW).map(r -> new String(r.value(), StandardCharsets.UTF_8)))
        .hasValueSatisfying(words -> assertThat(words.split(" ")).hasSize(200));
  }

  @Test
  void expiresByWhenAValueWasPublishedHoweverOftenItIsPassedOn() {
    records.put(SELF, KEY, bytes("red"), NOW, NOW);
    records.put(SELF, KEY, bytes("red"), NOW, NOW + 40 * HOUR);
    records.put(SELF, KEY, bytes("red"), NOW - HOUR, NOW + 45 * HOUR);
    assertThat(records.get(KEY, NOW + 48 * HOUR - 1)).isPresent();
    assertThat(records.get(KEY, NOW + 48 * HOUR)).isEmpty();
    assertThat(records.put(SELF, KEY, bytes("red"), NOW, NOW + 48 * HOUR))
        .map(Rejection::reason)
        .hasValue(Rejection.Reason.EXPIRED);
    assertThat(records.expire(NOW + 48 * HOUR)).isEqualTo(1);
    assertThat(store.value(KEY)).isEmpty();
  }

  @Test
  void livesOnWhenItsPublisherPutsItAgain() {
    records.put(SELF, KEY, bytes("red"), NOW, NOW);
    records.put(SELF, KEY, bytes("red"), NOW + 40 * HOUR, NOW + 40 * HOUR);
    assertThat(records.get(KEY, NOW + 87 * HOUR)).isPresent();
  }

  @Test
  void takesATimeInTheFutureForNow() {
    records.put(SELF, KEY, bytes("red"), Long.MAX_VALUE / 2, NOW);
    assertThat(records.get(KEY, NOW)).map(ValueRecord::publishedMs).hasValue(NOW);
  }

  @Test
  void boundsTheNumberAndTheBytesOfANamespace() {
    for (int i = 0; i < 4; i++) {
      assertThat(put("/words/" + i, "red")).isEmpty();
    }
    assertThat(put("/words/4", "red")).hasValue(Rejection.Reason.QUOTA_EXCEEDED);
    assertThat(put("/words/3", "blue")).as("there is room for a known key").isEmpty();
    assertThat(put("/words/3", "g".repeat(60))).hasValue(Rejection.Reason.QUOTA_EXCEEDED);
    assertThat(records.get(bytes("/words/3"), NOW))
        .map(ValueRecord::value)
        .hasValue(bytes("blue red"));
    assertThat(records.put(SELF, bytes("/words/4"), bytes("red"), NOW + 49 * HOUR, NOW + 49 * HOUR))
        .as("what has expired makes room")
        .isEmpty();
  }

  @Test
  void isDueAnIntervalAndAWhileAfterItWasLastReceived() {
    records.put(SELF, KEY, bytes("red"), NOW, NOW);
    assertThat(records.dueForRepublish(NOW + HOUR - 1, 10)).isEmpty();
    assertThat(records.dueForRepublish(NOW + HOUR * 5 / 4, 10)).containsExactly(KEY);
    records.put(SELF, KEY, bytes("red"), NOW, NOW + HOUR);
    assertThat(records.dueForRepublish(NOW + HOUR * 5 / 4, 10)).isEmpty();
    assertThat(records.dueForRepublish(NOW + HOUR * 9 / 4, 10)).containsExactly(KEY);
    records.republished(KEY, NOW + HOUR * 9 / 4);
    assertThat(records.dueForRepublish(NOW + HOUR * 9 / 4, 10)).isEmpty();
    assertThat(records.get(KEY, NOW)).map(ValueRecord::publishedMs).hasValue(NOW);
  }

  @Test
  void countsWhatItFindsInTheStoreAndDropsWhatNobodyAnswersFor() {
    put("/words/1", "red");
    put("/words/2", "red");
    store.putValue(new ValueRecord(bytes("/gone/1"), bytes("x"), NOW, NOW));
    records = records(2, 100);
    assertThat(records.count()).isEqualTo(2);
    assertThat(store.value(bytes("/gone/1"))).isEmpty();
    assertThat(put("/words/3", "red")).hasValue(Rejection.Reason.QUOTA_EXCEEDED);
  }

  @Test
  void convergesToOneValueInWhateverOrderValuesArrive() {
    for (long seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      ValueRecords other =
          new ValueRecords(
              SELF,
              peer -> Origin.UNKNOWN,
              Map.of("words", new WordSetNamespace()),
              RecordStore.inMemory(),
              ValueRecords.Settings.defaults());
      ValueRecords one =
          new ValueRecords(
              SELF,
              peer -> Origin.UNKNOWN,
              Map.of("words", new WordSetNamespace()),
              RecordStore.inMemory(),
              ValueRecords.Settings.defaults());
      for (int i = 0; i < 30; i++) {
        byte[] word = bytes("w" + random.nextInt(10));
        (random.nextBoolean() ? one : other).put(SELF, KEY, word, NOW, NOW);
      }
      one.put(SELF, KEY, other.get(KEY, NOW).orElseThrow().value(), NOW, NOW);
      other.put(SELF, KEY, one.get(KEY, NOW).orElseThrow().value(), NOW, NOW);
      assertThat(one.get(KEY, NOW)).as("seed " + seed).isEqualTo(other.get(KEY, NOW));
    }
  }
}
