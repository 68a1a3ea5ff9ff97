package org.skerry.dht.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.dht.routing.Origin;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

class ProviderRecordsTest {
  private static final long NOW = 1_000_000_000L;
  private static final long MINUTE = 60_000L;
  private static final Multihash CONTENT = Multihash.sha256(new byte[] {1});
  private static final Multihash OTHER = Multihash.sha256(new byte[] {2});
  private static final Origin HERE = new Origin("0b01");
  private static final Origin THERE = new Origin("0b02");
  private static final Origin ELSEWHERE = new Origin("0b03");
  private static final PeerId SELF = new PeerId(Multihash.ofSha256(new byte[32]));
  private static final List<Multiaddr> ADDRESSES =
      List.of(
          Multiaddr.parse("/ip4/1.2.3.4/tcp/4001"), Multiaddr.parse("/dns4/example.org/tcp/4001"));

  private final RecordStore store = RecordStore.inMemory();
  private ProviderRecords records = records(3, 5);

  private ProviderRecords records(int maxPerContent, int maxCount) {
    return new ProviderRecords(
        SELF,
        store,
        new ProviderRecords.Settings(48 * 60 * MINUTE, 30 * MINUTE, maxPerContent, maxCount));
  }

  private static PeerId peer(int i) {
    return new PeerId(Multihash.sha256(ByteBuffer.allocate(4).putInt(i).array()));
  }

  private List<PeerId> providers() {
    return records.get(CONTENT, NOW + 10).stream().map(ProviderRecord::provider).toList();
  }

  @Test
  void tellsAddressesForAWhileAndProvidersForLonger() {
    assertThat(records.put(CONTENT, peer(1), HERE, ADDRESSES, NOW)).isEmpty();
    assertThat(records.get(CONTENT, NOW + 30 * MINUTE - 1))
        .containsExactly(new ProviderRecord(CONTENT, peer(1), HERE, ADDRESSES, NOW));
    assertThat(records.get(CONTENT, NOW + 30 * MINUTE))
        .containsExactly(new ProviderRecord(CONTENT, peer(1), HERE, List.of(), NOW));
    assertThat(records.get(CONTENT, NOW + 48 * 60 * MINUTE)).isEmpty();
    assertThat(records.get(OTHER, NOW)).isEmpty();
    assertThat(records.expire(NOW + 48 * 60 * MINUTE - 1)).isZero();
    assertThat(records.expire(NOW + 48 * 60 * MINUTE)).isEqualTo(1);
    assertThat(store.providers(CONTENT)).isEmpty();
    assertThat(records.count()).isZero();
  }

  @Test
  void letsTheOriginWithTheMostRecordsOfAContentLoseItsOldest() {
    records.put(CONTENT, peer(1), HERE, ADDRESSES, NOW);
    records.put(CONTENT, peer(2), THERE, ADDRESSES, NOW + 1);
    records.put(CONTENT, peer(3), THERE, ADDRESSES, NOW + 2);
    assertThat(records.put(CONTENT, peer(4), THERE, ADDRESSES, NOW + 3))
        .hasValueSatisfying(evicted -> {
          assertThat(evicted.bound()).isEqualTo(ProviderRecords.Bound.CONTENT);
          assertThat(evicted.record().provider()).isEqualTo(peer(2));
        });
    records.put(CONTENT, peer(5), ELSEWHERE, ADDRESSES, NOW + 4);
    assertThat(providers()).containsExactly(peer(5), peer(4), peer(1));
    records.put(CONTENT, peer(6), new Origin("0b04"), ADDRESSES, NOW + 5);
    assertThat(providers()).as("of equals the oldest").containsExactly(peer(6), peer(5), peer(4));
    assertThat(records.put(CONTENT, peer(4), THERE, ADDRESSES, NOW + 6)).as("a renewal").isEmpty();
    assertThat(records.count()).isEqualTo(3);
  }

  @Test
  void letsTheOriginWithTheMostRecordsInAllLoseItsOldest() {
    for (int i = 0; i < 4; i++) {
      records.put(Multihash.sha256(new byte[] {9, (byte) i}), peer(i), HERE, List.of(), NOW + i);
    }
    records.put(CONTENT, peer(5), THERE, List.of(), NOW);
    assertThat(records.put(OTHER, peer(6), ELSEWHERE, List.of(), NOW + 9))
        .hasValueSatisfying(evicted -> {
          assertThat(evicted.bound()).isEqualTo(ProviderRecords.Bound.ALL);
          assertThat(evicted.record().provider()).isEqualTo(peer(0));
        });
    assertThat(records.count()).isEqualTo(5);
    assertThat(records.put(OTHER, peer(7), HERE, List.of(), NOW + 10))
        .map(evicted -> evicted.record().provider())
        .as("who has the most pays for more himself")
        .hasValue(peer(1));
  }

  @Test
  void findsTheOldestOfAnOriginAlsoWhenTheClockWasSetBack() {
    for (int i = 0; i < 5; i++) {
      records.put(Multihash.sha256(new byte[] {9, (byte) i}), peer(i), HERE, List.of(), NOW + i);
    }
    assertThat(records.put(OTHER, peer(5), HERE, List.of(), NOW + 5))
        .map(evicted -> evicted.record().provider())
        .hasValue(peer(0));
    records.remove(OTHER, peer(5));
    records.put(CONTENT, peer(6), HERE, List.of(), NOW - MINUTE);
    assertThat(records.put(OTHER, peer(7), HERE, List.of(), NOW + 9))
        .map(evicted -> evicted.record().provider())
        .hasValue(peer(6));
  }

  @Test
  void makesRoomByWhatHasExpiredFirst() {
    for (int i = 0; i < 3; i++) {
      records.put(CONTENT, peer(i), HERE, ADDRESSES, NOW + i);
    }
    long later = NOW + 48 * 60 * MINUTE;
    assertThat(records.put(CONTENT, peer(3), THERE, ADDRESSES, later)).isEmpty();
    assertThat(records.get(CONTENT, later))
        .extracting(ProviderRecord::provider)
        .containsExactlyInAnyOrder(peer(1), peer(2), peer(3));
  }

  @Test
  void neverGivesUpWhatItProvidesItself() {
    for (int i = 0; i < 9; i++) {
      records.put(Multihash.sha256(new byte[] {9, (byte) i}), SELF, HERE, List.of(), NOW);
    }
    records.put(CONTENT, SELF, HERE, List.of(), NOW);
    for (int i = 0; i < 9; i++) {
      records.put(CONTENT, peer(i), new Origin("place " + i), List.of(), NOW + 1 + i);
    }
    assertThat(providers()).hasSize(4).contains(SELF);
    assertThat(records.count()).isEqualTo(10 + 3);
    records = records(3, 5);
    assertThat(records.count()).as("after a restart").isEqualTo(10 + 3);
  }

  @Test
  void tellsOfEveryOriginBeforeItTellsOfOneAgain() {
    records = records(10, 100);
    for (int i = 0; i < 5; i++) {
      records.put(CONTENT, peer(i), HERE, ADDRESSES, NOW + 5 + i);
    }
    records.put(CONTENT, peer(8), THERE, ADDRESSES, NOW);
    records.put(CONTENT, peer(9), ELSEWHERE, ADDRESSES, NOW + 1);
    assertThat(providers())
        .containsExactly(peer(4), peer(9), peer(8), peer(3), peer(2), peer(1), peer(0));
  }

  /**
   * What the class promises: with g origins none loses a record that has at most ⌊bound / g⌋, and
   * the attacker's share is that of its origins.
   */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void leavesAnAttackerTheShareOfItsOriginsOnly(long seed) {
    Random random = new Random(seed);
    int bound = 64;
    records = records(bound, 10_000);
    int honestOrigins = 1 + random.nextInt(12);
    int hostileOrigins = 1 + random.nextInt(12);
    int fair = bound / (honestOrigins + hostileOrigins);
    List<PeerId> honest = new ArrayList<>();
    long nowMs = NOW;
    for (int origin = 0; origin < honestOrigins; origin++) {
      for (int i = 0; i < fair; i++) {
        PeerId peer = peer(honest.size());
        honest.add(peer);
        records.put(CONTENT, peer, new Origin("honest " + origin), List.of(), nowMs++);
      }
    }
    for (int i = 0; i < 2_000; i++) {
      Origin from = new Origin("hostile " + random.nextInt(hostileOrigins));
      records.put(CONTENT, peer(100_000 + random.nextInt(5_000)), from, List.of(), nowMs++);
    }
    Map<Boolean, Integer> held = new HashMap<>();
    List<ProviderRecord> all = records.get(CONTENT, nowMs);
    all.forEach(r -> held.merge(r.origin().name().startsWith("honest"), 1, Integer::sum));
    assertThat(all).extracting(ProviderRecord::provider).containsAll(honest);
    assertThat(held.get(false)).isEqualTo(bound - honest.size());
    assertThat(all.subList(0, honestOrigins + hostileOrigins))
        .extracting(ProviderRecord::origin)
        .as("every origin is told of first")
        .doesNotHaveDuplicates();
  }

  /** The counts in memory are those of the store, whatever happened. */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void countsAsTheStoreDoesAfterARandomHistory(long seed) {
    Random random = new Random(seed);
    records = records(4, 30);
    long nowMs = NOW;
    for (int i = 0; i < 1_000; i++) {
      nowMs += random.nextInt((int) MINUTE * 30);
      Multihash content = Multihash.sha256(new byte[] {(byte) random.nextInt(12)});
      PeerId peer = peer(random.nextInt(20));
      if (random.nextInt(10) == 0) {
        records.remove(content, peer);
      } else {
        records.put(content, peer, new Origin("at " + random.nextInt(6)), ADDRESSES, nowMs);
      }
      int[] stored = new int[1];
      store.forEachProvided(Long.MIN_VALUE, (any, provider, providedMs) -> ++stored[0] > 0);
      assertThat(records.count()).isEqualTo(stored[0]).isLessThanOrEqualTo(30);
      assertThat(store.providers(content)).hasSizeLessThanOrEqualTo(4);
    }
    assertThat(records(4, 30).count()).isEqualTo(records.count());
    records.expire(nowMs + 48 * 60 * MINUTE);
    assertThat(records.count()).isZero();
    assertThat(store.providersByOrigin()).isEmpty();
  }
}
