package org.skerry.libp2p.portmap;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.testing.FakeClock;

class EpochTest {
  private final FakeClock clock = new FakeClock();
  private final Epoch epoch = new Epoch(clock);

  @Test
  void whatIsHeardFirstIsNoRestart() {
    assertThat(epoch.hasRestarted(0)).isFalse();
  }

  @Test
  void aRouterWhoseClockIsAnEighthSlowHasNotRestarted() {
    epoch.hasRestarted(1000);
    clock.advance(Duration.ofSeconds(800));
    assertThat(epoch.hasRestarted(1698)).isFalse();
    clock.advance(Duration.ofSeconds(800));
    assertThat(epoch.hasRestarted(2395)).as("698 s more, where 700 less 2 are the least").isTrue();
  }

  @Test
  void aRouterThatCountsFromZeroHasRestarted() {
    epoch.hasRestarted(1000);
    clock.advance(Duration.ofMinutes(1));
    assertThat(epoch.hasRestarted(30)).isTrue();
    clock.advance(Duration.ofMinutes(1));
    assertThat(epoch.hasRestarted(90)).isFalse();
  }
}
