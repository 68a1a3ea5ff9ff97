package org.skerry.dht.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

class LookupTest {
  private static final KademliaKey TARGET = KademliaKey.of(new byte[] {1});
  private static final Lookup.Settings SETTINGS = new Lookup.Settings(4, 2, 1, 3, 1_000, 100);

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
    return lookup(SETTINGS, all(seeds));
  }

  private Lookup lookup(Lookup.Settings settings, List<PeerAddresses> seeds) {
    Lookup lookup = new Lookup(TARGET, self, settings, new ResponseTimes(settings.slowMs()));
    lookup.startFrom(seeds);
    return lookup;
  }

  private static void answer(Lookup lookup, PeerAddresses from, List<PeerAddresses> closer) {
    lookup.answered(from.peer(), Optional.empty(), closer, 0);
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
  void asksContactsHoweverFarTheyAreAndFollowsWhereTheyLead() {
    Lookup lookup = lookup(0, 1, 2, 3, 4);
    lookup.startThrough(all(50, 58));
    List<PeerAddresses> asked = new ArrayList<>();
    while (!lookup.isDone()) {
      List<PeerAddresses> now = lookup.next(0);
      assertThat(now).as("asked after %s", asked).isNotEmpty();
      asked.addAll(now);
      now.forEach(peer -> answer(lookup, peer, peer.equals(at(58)) ? all(5) : List.of()));
    }
    assertThat(asked).containsExactlyInAnyOrderElementsOf(all(0, 1, 2, 3, 50, 58));

    Lookup failing = lookup(0);
    failing.startThrough(all(50));
    assertThat(failing.next(0)).isEqualTo(all(0, 50));
    answer(failing, at(0), List.of());
    assertThat(failing.isDone()).as("a contact is waited for").isFalse();
    silence(failing, all(50));
    assertThat(failing.isDone()).isTrue();
  }

  @Test
  void asksTheNearestFirstAndNoMoreThanAlphaAtOnce() {
    Lookup lookup = lookup(50, 20, 40, 10);
    assertThat(lookup.next(0)).isEqualTo(all(10, 20));
    assertThat(lookup.next(0)).isEmpty();
    answer(lookup, at(10), all(5, 6));
    assertThat(lookup.next(0)).isEqualTo(all(5));
    assertThat(lookup.isDone()).isFalse();
  }

  @Test
  void waitsForTheKNearestEvenWhenRepliesBringNothingNew() {
    Lookup lookup = lookup(0, 1, 2, 3, 4, 5);
    lookup.next(0);
    answer(lookup, at(0), List.of());
    answer(lookup, at(1), all(0, 1));
    assertThat(lookup.isDone()).isFalse();
    assertThat(lookup.next(0)).isEqualTo(all(2, 3));
    answer(lookup, at(3), List.of());
    assertThat(lookup.isDone()).isFalse();
    answer(lookup, at(2), List.of());
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
      ask.forEach(peer -> answer(lookup, peer, List.of()));
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
    answer(lookup, at(2), List.of());
    answer(lookup, at(3), List.of());
    answer(lookup, at(1), List.of());
    assertThat(lookup.isDone()).isFalse();
    answer(lookup, at(0), List.of());
    assertThat(lookup.isDone()).isTrue();
  }

  @Test
  void takesOnlyTheKNearestOfAReply() {
    Lookup lookup = lookup(20);
    lookup.next(0);
    answer(lookup, at(20), IntStream.range(0, 20).mapToObj(this::at).toList().reversed());
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
    answer(lookup, at(12), List.of(at(0)));
    lookup.next(0);
    answer(lookup, at(10), List.of(new PeerAddresses(self, List.of())));
    answer(lookup, at(10), List.of(at(0)));
    assertThat(lookup.next(0)).isEqualTo(all(12));
  }

  @Test
  void endsAfterItsShareOfQueriesHoweverManyPeersAreInvented() {
    Lookup.Settings few = new Lookup.Settings(4, 2, 1, 3, 1_000, 5);
    Lookup lookup = lookup(few, byDistance);
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
      ask.forEach(peer -> answer(lookup, peer, List.of()));
    }
    assertThat(lookup.closest()).isEqualTo(idsAt(28, 29, 30, 31));
    assertThat(lookup.selfIsAmongClosest()).isTrue();
  }

  @Test
  void asksMorePeersAtOnceTheMoreHaveFailed() {
    Lookup lookup = lookup(0, 1, 2, 3, 4, 5, 6, 7);
    List<PeerAddresses> first = lookup.next(0);
    assertThat(first).hasSize(2);
    silence(lookup, first);
    assertThat(lookup.next(0)).hasSize(4);
  }

  @Test
  void asksTheNextOneSoonerWherePeersAnswerFast() {
    ResponseTimes times = new ResponseTimes(1_000);
    Lookup lookup = new Lookup(TARGET, self, SETTINGS, times);
    lookup.startFrom(all(0, 1, 2, 3));
    for (int i = 0; i < 50; i++) {
      times.note(40);
    }
    lookup.next(0);
    assertThat(lookup.next(99)).isEmpty();
    assertThat(lookup.next(100)).isEqualTo(all(2, 3));
  }

  /** Path 1 begins at a liar who names peers of his own ever nearer to the key. */
  @Test
  void endsOnlyWhenEachPathHasFoundItsOwn() {
    Lookup.Settings twoPaths = new Lookup.Settings(4, 4, 2, 3, 1_000, 100);
    Lookup lookup = lookup(twoPaths, all(40, 41));
    List<PeerAddresses> asked = new ArrayList<>();
    for (List<PeerAddresses> ask = lookup.next(0); !ask.isEmpty(); ask = lookup.next(0)) {
      asked.addAll(ask);
      for (PeerAddresses peer : ask) {
        answer(lookup, peer, peer.equals(at(41)) ? all(0, 1, 2, 3, 4) : honest(peer));
      }
    }
    assertThat(lookup.isDone()).isTrue();
    assertThat(lookup.closest()).isEqualTo(idsAt(0, 1, 2, 3));
    assertThat(asked).as("the holders that the honest path knows").contains(at(10), at(11));
  }

  private List<PeerAddresses> honest(PeerAddresses peer) {
    return peer.equals(at(40)) ? all(20, 21) : peer.equals(at(20)) ? all(10, 11) : List.of();
  }

  @Test
  void countsOnlySoManyOfOneIpGroupAmongTheClosest() {
    Optional<IpGroup> cheap = IpGroup.of(Multiaddr.parse("/ip4/203.0.113.7/tcp/4001"));
    Lookup lookup = lookup(0, 1, 2, 3, 4, 5, 6, 7);
    for (List<PeerAddresses> ask = lookup.next(0); !ask.isEmpty(); ask = lookup.next(0)) {
      for (PeerAddresses peer : ask) {
        boolean bought = byDistance.indexOf(peer) < 5;
        lookup.answered(peer.peer(), bought ? cheap : Optional.empty(), List.of(), 0);
      }
    }
    assertThat(lookup.isDone()).isTrue();
    assertThat(lookup.closest()).isEqualTo(idsAt(0, 1, 2, 5));
  }
}
