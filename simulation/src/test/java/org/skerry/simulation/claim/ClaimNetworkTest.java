package org.skerry.simulation.claim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A short form of what the benchmark runs with 200 peers and 64 units. */
final class ClaimNetworkTest {
  private static final long DYING_MS = 180_000;

  @ParameterizedTest
  @CsvSource({"1, 40, 12, 1", "2, 40, 12, 1", "3, 40, 9, 2"})
  void everyUnitEndsWithExactlyItsPeersAndNoneIsIdleForMuchMoreThanALease(
      long seed, int peers, int units, int redundancy) {
    ClaimScenario scenario = ClaimScenario.rush().of(peers, units, redundancy, 6_000);
    ClaimFigures figures = ClaimNetwork.run(seed, scenario, DYING_MS);
    long leaseAndATenthMs = scenario.leaseMs() * 11 / 10;
    assertThat(figures.deaths()).as("%s", figures).isGreaterThan(15);
    assertThat(figures.claimsExact()).as("%s", figures).isEqualTo(1);
    assertThat(figures.firstRound()).as("%s", figures).isGreaterThan(0.6);
    assertThat(figures.longestUnclaimedMs()).as("%s", figures).isLessThan(leaseAndATenthMs);
    assertThat(figures.longestIdleMs()).as("%s", figures).isLessThan(leaseAndATenthMs);
    assertThat(figures.overlap()).as("%s", figures).isLessThan(0.02);
  }

  @Test
  void aCrowdFourTimesTheUnitsIsUsefulForTheMostPart() {
    ClaimFigures figures =
        ClaimNetwork.run(5, ClaimScenario.crowd().of(32, 8, 1, 30_000), DYING_MS);
    assertThat(figures.claimsExact()).as("%s", figures).isEqualTo(1);
    assertThat(figures.useful()).as("%s", figures).isGreaterThan(0.8);
    assertThat(figures.training()).as("%s", figures).isGreaterThan(0.15);
    assertThat(figures.measuring()).as("%s", figures).isGreaterThan(0.05);
  }

  @Test
  void theSameSeedShowsTheSame() {
    ClaimScenario scenario = ClaimScenario.rush().of(12, 5, 1, 6_000);
    assertThat(ClaimNetwork.run(9, scenario, 60_000))
        .isEqualTo(ClaimNetwork.run(9, scenario, 60_000));
  }
}
