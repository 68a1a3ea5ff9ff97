package org.skerry.simulation.eclipse;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.skerry.simulation.eclipse.Eclipse.Placement;

class EclipseTest {
  @ParameterizedTest
  @CsvSource({"NEAREST, 19", "UNNOTICED, 6"})
  void theNewestManifestIsFoundWhereverAttackersStandAroundItsKey(
      Placement placement, double attackersAtLeast) {
    EclipseFigures figures = Eclipse.run(1, 60, 30, 40, placement);
    assertThat(figures.attackersAmongClosest()).as("%s", figures).isGreaterThan(attackersAtLeast);
    assertThat(figures.refused()).as("%s", figures).isPositive();
    assertThat(figures.found()).as("%s", figures).isEqualTo(40);
    assertThat(figures.forgedAccepted()).as("%s", figures).isZero();
  }
}
