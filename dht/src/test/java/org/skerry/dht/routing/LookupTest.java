package org.skerry.dht.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

class LookupTest {
  private static final KademliaKey TARGET = KademliaKey.of(new byte[] {1});
  private static final Lookup.Settings SETTINGS = new Lookup.Settings(4, 2, 1_000, 100);

  /** Peers in order of their distance to the target. */
  private final List<PeerAddresses> byDistance;

  private final PeerId self;

  LookupTest() {
    Random random = new Random(5);
    List<PeerId> ids = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      byte[] digest = new byte[32];
      random.nextBytes(digest);
      ids.add(new PeerId(Multihash.ofSha256(digest)));
    }
    ids.sort((a, b) -> TARGET.compareDistance(KademliaKey.of(a), KademliaKey.of(b)));
    self = ids.remove(30);
    byDistance = ids.stream().map(id -> new PeerAddresses(id, List.of())).toList();
  }

  private PeerAddresses at(int rank) {
    return byDistance.get(rank);
  }

  private List<PeerAddresses> all(int... ranks) {
    return IntStream.of(ranks).mapToObj(byDistance::get).toList();
  }

  private List<PeerId> idsAt(int... ranks) {
    return all(ranks).stream().map(PeerAddresses::peer).toList();
  }

  private Lookup lookup(int... seeds) {
    return new Lookup(TARGET, self, SETTINGS, all(seeds));
  }

  private static void silence(Lookup lookup, List<PeerAddresses> peers) {
    peers.forEach(peer -> lookup.failed(peer.peer()));
  }

  @Test
  void isDoneAtOnceWithoutAnybodyToAsk() {
    Lookup lookup = lookup();
    assertThat(lookup.next(0)).isEmpty();
    assertThat(lookup.isDone()).isTrue();
    assertThat(lookup.selfIsAmongClosest()).isTrue();
  }

  @Test
  void asksTheNearestFirstAndNoMoreThanAlphaAtOnce() {
    Lookup lookup = lookup(50, 20, 40, 10);
    assertThat(lookup.next(0)).isEqualTo(all(10, 20));
    assertThat(lookup.next(0)).isEmpty();
    lookup.answered(at(10).peer(), all(5, 6));
    assertThat(lookup.next(0)).isEqualTo(all(5));
    assertThat(lookup.isDone()).isFalse();
  }

  @Test
  void waitsForTheKNearestEvenWhenRepliesBringNothingNew() {
    Lookup lookup = lookup(0, 1, 2, 3, 4, 5);
    lookup.next(0);
    lookup.answered(at(0).peer(), List.of());
    lookup.answered(at(1).peer(), all(0, 1));
    assertThat(lookup.isDone()).isFalse();
    assertThat(lookup.next(0)).isEqualTo(all(2, 3));
    lookup.answered(at(3).peer(), List.of());
    assertThat(lookup.isDone()).isFalse();
    lookup.answered(at(2).peer(), List.of());
    assertThat(lookup.isDone()).isTrue();
    assertThat(lookup.next(0)).isEmpty();
    assertThat(lookup.closest()).isEqualTo(idsAt(0, 1, 2, 3));
    assertThat(lookup.selfIsAmongClosest()).isFalse();
  }

  @Test
  void goesOnToTheNextPeersWhenNearerOnesFail() {
    Lookup lookup = lookup(0, 1, 2, 3, 4, 5);
    silence(lookup, lookup.next(0));
    for (List<PeerAddresses> ask = lookup.next(0); !ask.isEmpty(); ask = lookup.next(0)) {
      ask.forEach(peer -> lookup.answered(peer.peer(), List.of()));
    }
    assertThat(lookup.isDone()).isTrue();
    assertThat(lookup.closest()).isEqualTo(idsAt(2, 3, 4, 5));
  }

  @Test
  void letsASlowPeerHoldUpNobodyButTheEnd() {
    Lookup lookup = lookup(0, 1, 2, 3);
    lookup.next(0);
    assertThat(lookup.next(999)).isEmpty();
    assertThat(lookup.next(1_000)).isEqualTo(all(2, 3));
    lookup.answered(at(2).peer(), List.of());
    lookup.answered(at(3).peer(), List.of());
    lookup.answered(at(1).peer(), List.of());
    assertThat(lookup.isDone()).isFalse();
    lookup.answered(at(0).peer(), List.of());
    assertThat(lookup.isDone()).isTrue();
  }

  @Test
  void takesOnlyTheKNearestOfAReply() {
    Lookup lookup = lookup(20);
    lookup.next(0);
    lookup.answered(at(20).peer(), IntStream.range(0, 20).mapToObj(this::at).toList().reversed());
    List<PeerAddresses> asked = new ArrayList<>();
    for (List<PeerAddresses> ask = lookup.next(0); !ask.isEmpty(); ask = lookup.next(0)) {
      asked.addAll(ask);
      silence(lookup, ask);
    }
    assertThat(asked).isEqualTo(all(0, 1, 2, 3));
    assertThat(lookup.isDone()).isTrue();
    assertThat(lookup.closest()).isEqualTo(idsAt(20));
  }

  @Test
  void ignoresRepliesOfPeersItDidNotAskAndItselfAmongThoseNamed() {
    Lookup lookup = lookup(10, 11, 12);
    lookup.answered(at(12).peer(), List.of(at(0)));
    lookup.next(0);
    lookup.answered(at(10).peer(), List.of(new PeerAddresses(self, List.of())));
    lookup.answered(at(10).peer(), List.of(at(0)));
    assertThat(lookup.next(0)).isEqualTo(all(12));
  }

  @Test
  void endsAfterItsShareOfQueriesHoweverManyPeersAreInvented() {
    Lookup.Settings few = new Lookup.Settings(4, 2, 1_000, 5);
    Lookup lookup = new Lookup(TARGET, self, few, byDistance);
    int asked = 0;
    for (List<PeerAddresses> ask = lookup.next(0); !ask.isEmpty(); ask = lookup.next(0)) {
      asked += ask.size();
      silence(lookup, ask);
    }
    assertThat(asked).isEqualTo(5);
    assertThat(lookup.isDone()).isTrue();
    assertThat(lookup.closest()).isEmpty();
  }

  @Test
  void countsItselfAmongTheClosestWhenNearerThanTheKth() {
    Lookup lookup = lookup(28, 29, 30, 31, 32);
    for (List<PeerAddresses> ask = lookup.next(0); !ask.isEmpty(); ask = lookup.next(0)) {
      ask.forEach(peer -> lookup.answered(peer.peer(), List.of()));
    }
    assertThat(lookup.closest()).isEqualTo(idsAt(28, 29, 30, 31));
    assertThat(lookup.selfIsAmongClosest()).isTrue();
  }
}
