package org.skerry.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class YamuxKeepAliveTest extends YamuxSessionFixture {
  @Test
  void measuresTheRoundTrip() {
    session.tick(0);
    session.tick(1);
    assertThat(out.takeFrames()).containsExactly("000200010000000000000001");
    receiveAt(2 * MS, "0002 0002 00000000 00000007");
    assertThat(session.rttNanos()).isEmpty();
    receiveAt(3 * MS, "0002 0002 00000000 00000001");
    assertThat(session.rttNanos()).hasValue(3 * MS);
  }

  @Test
  void takesTheShortestOfTheFirstRoundTrips() {
    long[] roundTrips = {30 * MS, 4 * MS, 3 * MS, 20 * MS};
    long[] shortest = {30 * MS, 4 * MS, 3 * MS, 3 * MS};
    for (int i = 0; i < 4; i++) {
      long now = i * 1000 * MS;
      session.tick(now);
      assertThat(out.takeFrames()).containsExactly("00020001000000000000000" + (i + 1));
      receiveAt(now + roundTrips[i], "0002 0002 00000000 0000000" + (i + 1));
      assertThat(session.rttNanos()).hasValue(shortest[i]);
    }
    session.tick(4000 * MS);
    assertThat(out.takeFrames()).isEmpty();
  }

  @Test
  void failsWhenNothingAnswersAKeepAlive() {
    YamuxLimits d = YamuxLimits.DEFAULT;
    for (int i = 1; i <= 4; i++) {
      session.tick(0);
      receiveAt(0, "0002 0002 00000000 0000000" + i);
    }
    session.tick(d.keepAliveNanos() - 1);
    assertThat(out.takeFrames()).hasSize(4);
    session.tick(d.keepAliveNanos());
    assertThat(out.takeFrames()).containsExactly("000200010000000000000005");
    session.tick(d.keepAliveNanos() + d.deadAfterNanos() - 1);
    assertThat(out.takeEvents()).isEmpty();
    session.tick(d.keepAliveNanos() + d.deadAfterNanos());
    assertThat(out.takeEvents()).containsExactly("failed KEEP_ALIVE_TIMEOUT INTERNAL_ERROR");
  }

  @Test
  void takesAnyFrameAsASignOfLife() {
    long dead = YamuxLimits.DEFAULT.deadAfterNanos();
    session.tick(0);
    receiveAt(dead - 1, "0001 0001 00000002 00000000");
    session.tick(dead);
    assertThat(session.failure()).isEmpty();
    session.tick(2 * dead);
    assertThat(session.failure()).isPresent();
  }

  @Test
  void answersAPingWithItsValue() {
    receive("0002 0001 00000000 deadbeef");
    assertThat(out.takeFrames()).containsExactly("0002000200000000deadbeef");
  }
}
