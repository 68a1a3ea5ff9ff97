package org.skerry.dht;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.skerry.dht.routing.Origin;
import org.skerry.dht.routing.Whereabouts;
import org.skerry.dht.storage.Durability;
import org.skerry.dht.storage.MemoryKeyValueStore;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

class AcquaintancesTest {
  private static final long MINUTE = 60_000;
  private static final long HOUR = 60 * MINUTE;
  private static final long NOW = 1_000 * HOUR;

  private final MemoryKeyValueStore disk = new MemoryKeyValueStore();
  private final List<Integer> writes = new ArrayList<>();
  private final Counters counters = new Counters();

  /** Counts what is written. */
  private record CountingStore(PeerStore store, List<Integer> writes) implements PeerStore {
    @Override
    public Loaded load() {
      return store.load();
    }

    @Override
    public void save(Collection<Acquaintance> known, Collection<PeerId> forgotten) {
      writes.add(known.size());
      store.save(known, forgotten);
    }
  }

  private Acquaintances restarted() {
    return new Acquaintances(new CountingStore(PeerStore.on(disk), writes), counters);
  }

  private static PeerId peer(int i) {
    return new PeerId(Multihash.sha256(ByteBuffer.allocate(4).putInt(i).array()));
  }

  private static Set<PeerId> peers(int from, int to) {
    Set<PeerId> peers = new HashSet<>();
    IntStream.range(from, to).forEach(i -> peers.add(peer(i)));
    return peers;
  }

  private static Whereabouts here(PeerId peer) {
    return new Whereabouts(
        new Origin("at " + peer), List.of(Multiaddr.parse("/ip4/11.22.33.44/tcp/4001")));
  }

  @Test
  void knowsThemAgainWithTheirAddresses() {
    restarted().note(peers(0, 3), AcquaintancesTest::here, NOW);
    assertThat(restarted().best())
        .containsExactlyInAnyOrderElementsOf(
            peers(0, 3).stream().map(p -> new Acquaintance(p, here(p), NOW, NOW)).toList());
  }

  @Test
  void writesOnceInAWhileAndOnlyWhenOthersAreThere() {
    Acquaintances known = restarted();
    for (long ms = 0; ms < 59 * MINUTE; ms += MINUTE / 2) {
      known.note(peers(0, 3), AcquaintancesTest::here, NOW + ms);
    }
    assertThat(writes).containsExactly(3);
    for (int i = 0; i < 100; i++) {
      known.note(peers(i, i + 3), AcquaintancesTest::here, NOW + 59 * MINUTE + i * MINUTE / 10);
    }
    assertThat(writes).as("in ten minutes").hasSize(3);
    known.note(peers(99, 102), AcquaintancesTest::here, NOW + 2 * HOUR + 30 * MINUTE);
    assertThat(writes).as("what is stored must not look old").hasSize(4);
  }

  @Test
  void keepsThemThoughTheTableIsEmptyForLackOfANetwork() {
    Acquaintances known = restarted();
    known.note(peers(0, 3), AcquaintancesTest::here, NOW);
    known.note(Set.of(), AcquaintancesTest::here, NOW + HOUR);
    assertThat(restarted().best()).hasSize(3);
  }

  @Test
  void asksThoseSeenLastFirstAndOfThemThoseKnownForLongest() {
    Acquaintances known = restarted();
    known.note(peers(0, 40), AcquaintancesTest::here, NOW);
    known.note(peers(30, 50), AcquaintancesTest::here, NOW + 10 * HOUR);
    List<Acquaintance> best = restarted().best();
    assertThat(best).hasSize(Acquaintances.MAX_ASKED);
    assertThat(best.subList(0, 10))
        .extracting(Acquaintance::peer)
        .containsExactlyInAnyOrderElementsOf(peers(30, 40));
    assertThat(best.subList(10, 20))
        .extracting(Acquaintance::peer)
        .containsExactlyInAnyOrderElementsOf(peers(40, 50));
  }

  @Test
  void asksPeersOfManyOriginsBeforeMoreOfOne() {
    Acquaintances known = restarted();
    known.note(peers(0, 200), peer -> new Whereabouts(Origin.UNKNOWN, List.of()), NOW);
    known.note(peers(200, 210), AcquaintancesTest::here, NOW + 10 * MINUTE);
    List<Acquaintance> best = restarted().best();
    assertThat(best.subList(0, 11)).extracting(Acquaintance::peer).containsAll(peers(200, 210));
    assertThat(best).as("and then of the one that has more").hasSize(Acquaintances.MAX_ASKED);
  }

  @Test
  void forgetsWhoHasLongNotBeenSeenOnceOthersAre() {
    restarted().note(peers(0, 3), AcquaintancesTest::here, NOW);
    long later = NOW + Acquaintances.KEEP_MS;
    Acquaintances known = restarted();
    known.note(Set.of(), AcquaintancesTest::here, later);
    assertThat(known.best()).as("all that it has").hasSize(3);
    known.note(peers(2, 4), AcquaintancesTest::here, later);
    assertThat(restarted().best())
        .extracting(Acquaintance::peer)
        .containsExactlyInAnyOrderElementsOf(peers(2, 4));
  }

  @Test
  void remembersABoundedNumber() {
    Acquaintances known = restarted();
    for (int i = 0; i < 10; i++) {
      known.note(peers(100 * i, 100 * i + 100), AcquaintancesTest::here, NOW + i * HOUR);
    }
    List<Acquaintance> stored = PeerStore.on(disk).load().peers();
    assertThat(stored).hasSize(Acquaintances.MAX_KNOWN);
    assertThat(stored).extracting(Acquaintance::peer).containsAll(peers(800, 1000));
    known.note(peers(2000, 2300), AcquaintancesTest::here, NOW + 11 * HOUR);
    assertThat(PeerStore.on(disk).load().peers()).hasSize(Acquaintances.MAX_KNOWN);
  }

  @Test
  void leavesOutAndCountsWhatItCannotRead() {
    restarted().note(peers(0, 3), AcquaintancesTest::here, NOW);
    disk.put(peer(7).bytes(), new byte[] {1, 2, 3}, Durability.PROCESS_CRASH);
    disk.put(new byte[] {9}, new byte[20], Durability.PROCESS_CRASH);
    byte[] whole = disk.get(peer(1).bytes()).orElseThrow();
    for (int size = 0; size < whole.length; size++) {
      disk.put(peer(8).bytes(), java.util.Arrays.copyOf(whole, size), Durability.PROCESS_CRASH);
      assertThat(PeerStore.on(disk).load().peers().size()).isBetween(3, 4);
    }
    disk.put(peer(8).bytes(), new byte[0], Durability.PROCESS_CRASH);
    assertThat(restarted().best())
        .extracting(Acquaintance::peer)
        .containsExactlyInAnyOrderElementsOf(peers(0, 3));
    assertThat(counters.snapshot()).containsEntry("peers.unreadable", 3L);
  }
}
