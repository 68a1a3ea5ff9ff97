package org.skerry.dht;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.skerry.dht.record.Rejection;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

class PeerLimiterTest {
  private static final PeerId ALICE = new PeerId(Multihash.sha256(new byte[] {1}));
  private static final PeerId BOB = new PeerId(Multihash.sha256(new byte[] {2}));

  private final PeerLimiter limiter =
      new PeerLimiter(new DhtConfig.InboundLimits(10, 20, 2, 3, Duration.ofSeconds(1)), 0);

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
  void boundsTheStreamsOfAPeerAndOfAll() {
    assertThat(limiter.opened(ALICE, 0)).isEmpty();
    assertThat(limiter.opened(ALICE, 0)).isEmpty();
    assertThat(limiter.opened(ALICE, 0))
        .map(Rejection::reason)
        .hasValue(Rejection.Reason.TOO_MANY_AT_ONCE);
    assertThat(limiter.opened(BOB, 0)).isEmpty();
    assertThat(limiter.opened(BOB, 0)).isPresent();
    limiter.closed(ALICE);
    assertThat(limiter.opened(BOB, 0)).isEmpty();
  }

  @Test
  void forgetsPeersThatHaveBeenQuietLongEnough() {
    limiter.opened(ALICE, 0);
    for (int i = 0; i < 100; i++) {
      limiter.request(new PeerId(Multihash.sha256(new byte[] {3, (byte) i})), 0);
    }
    assertThat(limiter.size()).isEqualTo(101);
    limiter.opened(BOB, 10_000);
    assertThat(limiter.size()).isEqualTo(2);
  }
}
