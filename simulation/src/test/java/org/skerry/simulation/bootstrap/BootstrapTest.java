package org.skerry.simulation.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BootstrapTest {
  @Test
  void aNetworkThatStartsAllAtOnceIsOneNetwork() {
    for (long seed = 1; seed <= 5; seed++) {
      assertThat(Bootstrap.parts(seed, 40, 60_000)).as("parts with seed %d", seed).isEqualTo(1);
    }
  }

  @Test
  void seesThatItIsInPartsBeforeTheNodesHaveMet() {
    assertThat(Bootstrap.parts(1, 30, 0)).isGreaterThan(1);
  }
}
