package org.skerry.dht.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

class RoutingTableTest {
  private static final long NOW = 1_000_000_000L;
  private static final RoutingTable.Settings SMALL = new RoutingTable.Settings(2, 3, 2, 60_000, 3);

  private final Random random = new Random(11);
  private final PeerId self = peer();
  private final RoutingTable table = new RoutingTable(self, SMALL);

  private PeerId peer() {
    byte[] digest = new byte[32];
    random.nextBytes(digest);
    return new PeerId(Multihash.ofSha256(digest));
  }

  /** A peer that shares exactly {@code bits} bits with the table's owner. */
  private PeerId peerInBucket(int bits) {
    while (true) {
      PeerId peer = peer();
      if (KademliaKey.of(self).commonPrefixBits(KademliaKey.of(peer)) == bits) {
        return peer;
      }
    }
  }

  private RoutingTable.Offer offer(PeerId peer, long nowMs) {
    return table.offer(peer, Optional.empty(), nowMs);
  }

  private static Optional<IpGroup> group(String ip) {
    return IpGroup.of(Multiaddr.parse("/ip4/" + ip + "/tcp/1"));
  }

  @Test
  void neverTakesItself() {
    assertThat(offer(self, NOW))
        .isEqualTo(new RoutingTable.Refused(RoutingTable.Refused.Reason.SELF));
    assertThat(table.size()).isZero();
  }

  @Test
  void keepsOldPeersThatAnswerAndNamesTheLeastRecentlyHeardForACheck() {
    PeerId first = peerInBucket(0);
    PeerId second = peerInBucket(0);
    PeerId third = peerInBucket(0);
    assertThat(offer(first, NOW)).isEqualTo(new RoutingTable.Added());
    assertThat(offer(second, NOW + 1)).isEqualTo(new RoutingTable.Added());
    assertThat(offer(third, NOW + 2)).isEqualTo(new RoutingTable.Waiting(Optional.empty()));
    assertThat(offer(third, NOW + 60_000)).isEqualTo(new RoutingTable.Waiting(Optional.of(first)));
    table.alive(first, NOW + 60_001);
    assertThat(offer(third, NOW + 60_001)).isEqualTo(new RoutingTable.Waiting(Optional.of(second)));
    assertThat(table.peers()).containsExactlyInAnyOrder(first, second);
  }

  @Test
  void replacesAMemberThatFailsWithTheNewestThatWaits() {
    PeerId first = peerInBucket(0);
    PeerId second = peerInBucket(0);
    List<PeerId> waiting = List.of(peerInBucket(0), peerInBucket(0), peerInBucket(0));
    offer(first, NOW);
    offer(second, NOW);
    waiting.forEach(peer -> offer(peer, NOW));
    assertThat(table.failed(first, NOW)).isTrue();
    assertThat(table.peers()).containsExactlyInAnyOrder(second, waiting.get(2));
    assertThat(table.failed(second, NOW)).isTrue();
    assertThat(table.peers()).containsExactlyInAnyOrder(waiting.get(1), waiting.get(2));
    assertThat(table.failed(waiting.get(2), NOW)).as("the oldest no longer waits").isFalse();
  }

  @Test
  void toleratesSomeFailuresWhileNobodyWaits() {
    PeerId peer = peerInBucket(0);
    offer(peer, NOW);
    assertThat(table.failed(peer, NOW)).isFalse();
    assertThat(table.failed(peer, NOW)).isFalse();
    table.alive(peer, NOW);
    assertThat(table.failed(peer, NOW)).isFalse();
    assertThat(table.failed(peer, NOW)).isFalse();
    assertThat(table.failed(peer, NOW)).isTrue();
    assertThat(table.size()).isZero();
  }

  @Test
  void boundsThePeersOfAnIpGroupInABucketAndInTheTable() {
    PeerId gone = peerInBucket(0);
    assertThat(table.offer(gone, group("8.8.1.1"), NOW)).isInstanceOf(RoutingTable.Added.class);
    assertThat(table.offer(peerInBucket(0), group("8.8.2.2"), NOW))
        .isInstanceOf(RoutingTable.Added.class);
    assertThat(table.offer(peerInBucket(0), group("8.8.3.3"), NOW))
        .isEqualTo(new RoutingTable.Refused(RoutingTable.Refused.Reason.IP_GROUP_FULL));
    assertThat(table.offer(peerInBucket(1), group("8.8.3.3"), NOW))
        .isInstanceOf(RoutingTable.Added.class);
    assertThat(table.offer(peerInBucket(2), group("8.8.4.4"), NOW))
        .isEqualTo(new RoutingTable.Refused(RoutingTable.Refused.Reason.IP_GROUP_FULL));
    assertThat(table.offer(peerInBucket(2), group("8.9.4.4"), NOW))
        .isInstanceOf(RoutingTable.Added.class);
    table.remove(gone);
    assertThat(table.offer(peerInBucket(2), group("8.8.4.4"), NOW))
        .isInstanceOf(RoutingTable.Added.class);
  }

  @Test
  void doesNotPromoteAReplacementWhoseIpGroupIsFull() {
    PeerId other = peerInBucket(0);
    table.offer(other, group("9.9.1.1"), NOW);
    table.offer(peerInBucket(0), group("8.8.1.1"), NOW);
    PeerId waiting = peerInBucket(0);
    assertThat(table.offer(waiting, group("8.8.2.2"), NOW))
        .isInstanceOf(RoutingTable.Waiting.class);
    table.offer(peerInBucket(1), group("8.8.3.3"), NOW);
    table.offer(peerInBucket(2), group("8.8.4.4"), NOW);
    table.remove(other);
    assertThat(table.contains(waiting)).isFalse();
  }

  @Test
  void countsNoGroupForLoopbackAndPrivateAddresses() {
    assertThat(group("127.0.0.1")).isEmpty();
    assertThat(group("192.168.1.1")).isEmpty();
    assertThat(group("8.8.1.1")).isEqualTo(group("8.8.200.200")).isNotEqualTo(group("8.9.1.1"));
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void findsTheClosestMembersExactly(long seed) {
    random.setSeed(seed);
    RoutingTable wide =
        new RoutingTable(self, RoutingTable.Settings.defaults().withoutGroupLimits());
    List<PeerId> members = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      PeerId peer = peer();
      if (wide.offer(peer, Optional.empty(), NOW) instanceof RoutingTable.Added) {
        members.add(peer);
      }
    }
    for (int i = 0; i < 200; i++) {
      KademliaKey target = KademliaKey.of(i == 0 ? self : peer());
      assertThat(wide.closest(target, 20))
          .isEqualTo(
              members.stream()
                  .sorted((a, b) -> target.compareDistance(KademliaKey.of(a), KademliaKey.of(b)))
                  .limit(20)
                  .toList());
    }
  }

  @Test
  void namesQuietMembersLongestUnheardFirstAndFailedOnesSooner() {
    PeerId early = peerInBucket(0);
    PeerId late = peerInBucket(1);
    offer(early, NOW);
    offer(late, NOW + 1_000);
    assertThat(table.due(NOW + 59_999, 10)).isEmpty();
    assertThat(table.due(NOW + 61_000, 10)).containsExactly(early, late);
    assertThat(table.due(NOW + 61_000, 1)).containsExactly(early);
    table.alive(early, NOW + 61_000);
    table.failed(late, NOW + 61_000);
    assertThat(table.due(NOW + 66_999, 10)).isEmpty();
    assertThat(table.due(NOW + 67_000, 10)).containsExactly(late);
  }

  @Test
  void namesBucketsThatNobodyLookedInto() {
    offer(peerInBucket(2), NOW);
    assertThat(table.staleBuckets(NOW, NOW)).containsExactly(0, 1, 2, 3);
    table.refreshed(KademliaKey.of(peerInBucket(1)), NOW + 5);
    assertThat(table.staleBuckets(NOW, NOW)).containsExactly(0, 2, 3);
    assertThat(table.staleBuckets(NOW + 5, NOW)).containsExactly(0, 1, 2, 3);
  }
}
