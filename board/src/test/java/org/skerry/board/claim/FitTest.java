package org.skerry.board.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class FitTest {
  private static final long LEASE_MS = 600_000;
  private static final Fit.Needs NEEDS = new Fit.Needs(1_000, 36_000, 64, 7_200);

  private static Fit.Means means(
      long memoryBytes, double speed, long held, double line, double hoursLeft) {
    return new Fit.Means(memoryBytes, speed, held, line, hoursLeft);
  }

  private static double hours(Fit.Means means) {
    return Fit.of(NEEDS, means, LEASE_MS).orElseThrow().hours();
  }

  @Test
  void addsFetchingWhatIsMissingToTraining() {
    assertThat(hours(means(1_000, 10, 0, 1, 100))).isCloseTo(1 + 2, within(1e-9));
    assertThat(hours(means(1_000, 10, 3_600, 1, 100))).isCloseTo(1 + 1, within(1e-9));
    assertThat(hours(means(1_000, 10, 9_999, 1, 100))).isCloseTo(1, within(1e-9));
    assertThat(hours(means(1_000, 0, 0, 0, 100))).as("nothing is known").isEqualTo(0.01);
  }

  @Test
  void leavesAloneWhatDoesNotFitTheMemoryTheDeadlineOrTheLease() {
    assertThat(Fit.of(NEEDS, means(999, 10, 0, 1, 100), LEASE_MS)).isEmpty();
    assertThat(Fit.of(NEEDS, means(1_000, 10, 0, 1, 2.9), LEASE_MS)).isEmpty();
    assertThat(Fit.of(NEEDS, means(1_000, 10, 0, 1, 3.1), LEASE_MS)).isPresent();
    assertThat(Fit.of(NEEDS, means(1_000, 0.1, 0, 1, 1e9), LEASE_MS))
        .as("a step of 640 s under a lease of 600 s")
        .isEmpty();
    assertThat(Fit.of(NEEDS, means(1_000, 0.11, 0, 1, 1e9), LEASE_MS)).isPresent();
  }
}
