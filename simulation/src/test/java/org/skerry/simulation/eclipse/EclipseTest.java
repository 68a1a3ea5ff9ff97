package org.skerry.simulation.eclipse;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.skerry.simulation.BoardNetwork;
import org.skerry.simulation.Simulation;
import org.skerry.simulation.eclipse.Eclipse.Placement;

class EclipseTest {
  @ParameterizedTest
  @CsvSource({"NEAREST, 19", "UNNOTICED, 6"})
  void theNewestManifestIsFoundWhereverAttackersStandAroundItsKey(
      Placement placement, double attackersAtLeast) {
    BoardNetwork network = new BoardNetwork(new Simulation(1));
    network.dht().grow(60, 10 * 60_000);
    EclipseFigures figures = Eclipse.run(network, 30, 40, placement);
    assertThat(network.dht().live()).as("attackers are gone").hasSize(60);
    assertThat(figures.attackersAmongClosest()).as("%s", figures).isGreaterThan(attackersAtLeast);
    assertThat(figures.refused()).as("%s", figures).isPositive();
    assertThat(figures.found()).as("%s", figures).isEqualTo(40);
    assertThat(figures.forgedAccepted()).as("%s", figures).isZero();
  }
}
