package org.skerry.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.diffusion.SeededRandom;

class LossWatchTest {
  private final LossWatch watch = new LossWatch();

  @ParameterizedTest
  @ValueSource(doubles = {0.05, 0.3, 0.6})
  void isNotAlarmedByNoiseOrByAnOddBatch(double noise) {
    SeededRandom random = SeededRandom.of(7);
    for (int i = 0; i < 20_000; i++) {
      double level = 0.3 + 1.2 * Math.exp(-i / 300.0);
      double loss = level * Math.exp(noise * random.nextGaussian());
      assertThat(watch.ranAway(i % 1000 == 999 ? 4 * level : loss)).as("step " + i).isFalse();
    }
  }

  @Test
  void seesALossThatGrows() {
    SeededRandom random = SeededRandom.of(7);
    for (int i = 0; i < 300; i++) {
      assertThat(watch.ranAway(0.3 * Math.exp(0.1 * random.nextGaussian()))).isFalse();
    }
    int steps = 0;
    double loss = 0.3;
    while (!watch.ranAway(loss)) {
      loss *= 1.2;
      assertThat(++steps).isLessThan(30);
    }
    assertThat(watch.usual()).isBetween(0.2, 0.6);
    assertThat(watch.recent()).isGreaterThan(2 * watch.usual());
  }

  @Test
  void aLossThatIsNoNumberHasRunAwayAtOnce() {
    assertThat(watch.ranAway(Double.NaN)).isTrue();
  }
}
