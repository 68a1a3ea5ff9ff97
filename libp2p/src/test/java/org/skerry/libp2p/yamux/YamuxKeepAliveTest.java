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
  void failsWhenNothingAnswersAKeepAlive() {
    YamuxLimits d = YamuxLimits.DEFAULT;
    session.tick(0);
    receiveAt(0, "0002 0002 00000000 00000001");
    session.tick(d.keepAliveNanos() - 1);
    assertThat(out.takeFrames()).hasSize(1);
    session.tick(d.keepAliveNanos());
    assertThat(out.takeFrames()).containsExactly("000200010000000000000002");
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
