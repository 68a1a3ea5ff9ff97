package org.skerry.simulation.eclipse;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EclipseTest {
  @Test
  void theNewestManifestIsFoundThoughAttackersHoldAllPlacesAroundItsKey() {
    EclipseFigures figures = Eclipse.run(1, 60, 30, 40);
    assertThat(figures.attackersAmongClosest()).as("%s", figures).isGreaterThan(19);
    assertThat(figures.refused()).as("%s", figures).isPositive();
    assertThat(figures.found()).as("%s", figures).isEqualTo(40);
    assertThat(figures.forgedAccepted()).as("%s", figures).isZero();
  }
}
