package org.skerry.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SeededRandomTest {
  @Test
  void pathsGiveDifferentStreamsAndTheSamePathTheSame() {
    assertThat(SeededRandom.of(1, 2).nextLong()).isEqualTo(SeededRandom.of(1, 2).nextLong());
    assertThat(
            new long[] {
              SeededRandom.of(1).nextLong(),
              SeededRandom.of(2).nextLong(),
              SeededRandom.of(1, 0).nextLong(),
              SeededRandom.of(1, 1).nextLong(),
              SeededRandom.of(0, 1).nextLong(),
              SeededRandom.of(1, 0, 0).nextLong(),
              SeededRandom.of(1, 1, 0).nextLong(),
              SeededRandom.of(1, 0, 1).nextLong(),
            })
        .doesNotHaveDuplicates();
  }

  @Test
  void gaussiansHaveTheMomentsOfTheNormal() {
    float[] values = SeededRandom.of(5).gaussians(200_000);
    double mean = 0;
    double square = 0;
    double fourth = 0;
    for (float value : values) {
      mean += value / (double) values.length;
      square += value * value / (double) values.length;
      fourth += Math.pow(value, 4) / values.length;
    }
    assertThat(mean).isCloseTo(0, within(0.01));
    assertThat(square).isCloseTo(1, within(0.02));
    assertThat(fourth).isCloseTo(3, within(0.1));
  }

  @Test
  void neighbouringStreamsAreUncorrelated() {
    double product = 0;
    for (int i = 0; i < 50_000; i++) {
      product +=
          SeededRandom.of(1, i).nextGaussian() * SeededRandom.of(1, i + 1).nextGaussian() / 50_000;
    }
    assertThat(product).isCloseTo(0, within(0.02));
  }

  @Test
  void boundedIntegersFillTheirRange() {
    var random = SeededRandom.of(3);
    int[] counts = new int[7];
    for (int i = 0; i < 70_000; i++) {
      counts[random.nextInt(7)]++;
    }
    assertThat(Arrays.stream(counts).min().orElseThrow()).isGreaterThan(9_500);
    assertThatThrownBy(() -> random.nextInt(0)).hasMessageContaining("bound 0");
  }

  @Test
  void logitNormalTimesAreTheSigmoidOfANormal() {
    float[] times = new TimeSampling.LogitNormal(0.5, 2).sample(100_000, SeededRandom.of(8));
    double mean = 0;
    double square = 0;
    for (float t : times) {
      double n = (Math.log(t / (1.0 - t)) - 0.5) / 2;
      mean += n / times.length;
      square += n * n / times.length;
    }
    assertThat(mean).isCloseTo(0, within(0.02));
    assertThat(square).isCloseTo(1, within(0.03));
    assertThatThrownBy(() -> new TimeSampling.LogitNormal(0, 0)).hasMessageContaining("deviation");
  }

  @Test
  void uniformTimesFillTheUnitInterval() {
    float[] times = new TimeSampling.Uniform().sample(100_000, SeededRandom.of(8));
    double mean = 0;
    for (float t : times) {
      assertThat(t).isBetween(0f, 1f);
      mean += t / (double) times.length;
    }
    assertThat(mean).isCloseTo(0.5, within(0.01));
  }
}
