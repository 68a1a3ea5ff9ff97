package org.skerry.dht;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.skerry.dht.limit.FairBudget;
import org.skerry.dht.record.Rejection;
import org.skerry.dht.routing.Origin;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

class PeerLimiterTest {
  private static final Origin HERE = new Origin("0b01");
  private static final Origin THERE = new Origin("0b02");
  private static final PeerLimiter.Client ALICE = client(1, HERE);
  private static final PeerLimiter.Client BOB = client(2, THERE);

  private final PeerLimiter limiter = limiter(3);

  private static PeerLimiter limiter(int streams) {
    return new PeerLimiter(new DhtConfig.InboundLimits(10, 20, 2, streams, Duration.ofSeconds(1)));
  }

  private static PeerLimiter.Client client(int id, Origin origin) {
    return new PeerLimiter.Client(new PeerId(Multihash.sha256(new byte[] {(byte) id})), origin);
  }

  @Test
  void givesEachPeerABurstAndThenItsRate() {
    for (int i = 0; i < 20; i++) {
      assertThat(limiter.request(ALICE, 0)).isEmpty();
    }
    assertThat(limiter.request(ALICE, 0))
        .map(Rejection::reason)
        .hasValue(Rejection.Reason.RATE_LIMITED);
    assertThat(limiter.request(BOB, 0)).isEmpty();
    assertThat(limiter.request(ALICE, 99)).isPresent();
    assertThat(limiter.request(ALICE, 150)).isEmpty();
    assertThat(limiter.request(ALICE, 150)).isPresent();
  }

  @Test
  void givesAllPeersOfAnOriginAFewShares() {
    int served = 0;
    for (int i = 10; i < 110; i++) {
      for (int j = 0; j < 20; j++) {
        served += limiter.request(client(i, HERE), 0).isEmpty() ? 1 : 0;
      }
    }
    assertThat(served).isEqualTo(20 * FairBudget.PEERS_PER_ORIGIN);
    assertThat(limiter.request(client(77, HERE), 0))
        .map(Rejection::reason)
        .hasValue(Rejection.Reason.ORIGIN_LIMITED);
    assertThat(limiter.request(BOB, 0)).isEmpty();
  }

  @Test
  void boundsTheStreamsOfAPeerAndOfAll() {
    assertThat(limiter.opened(ALICE)).isEmpty();
    assertThat(limiter.opened(ALICE)).isEmpty();
    assertThat(limiter.opened(ALICE))
        .map(Rejection::reason)
        .hasValue(Rejection.Reason.TOO_MANY_AT_ONCE);
    assertThat(limiter.opened(BOB)).isEmpty();
    assertThat(limiter.opened(BOB)).isPresent();
    limiter.closed(ALICE);
    assertThat(limiter.opened(BOB)).isEmpty();
  }

  @Test
  void boundsTheStreamsOfAnOriginAndForgetsWhoHasNone() {
    PeerLimiter wide = limiter(1000);
    int open = 0;
    for (int i = 0; i < 100; i++) {
      open += wide.opened(client(i, HERE)).isEmpty() ? 1 : 0;
    }
    assertThat(open).isEqualTo(2 * FairBudget.PEERS_PER_ORIGIN);
    assertThat(wide.opened(client(100, HERE)))
        .map(Rejection::reason)
        .hasValue(Rejection.Reason.ORIGIN_LIMITED);
    assertThat(wide.opened(BOB)).isEmpty();
    for (int i = 0; i < open; i++) {
      wide.closed(client(i, HERE));
    }
    wide.closed(BOB);
    assertThat(wide.size()).isZero();
  }

  @Test
  void doesNotBoundAllOfThisMachineTogether() {
    PeerLimiter wide = limiter(1000);
    for (int i = 0; i < 100; i++) {
      assertThat(wide.opened(client(i, Origin.LOOPBACK))).isEmpty();
      assertThat(wide.request(client(i, Origin.LOOPBACK), 0)).isEmpty();
    }
  }
}
