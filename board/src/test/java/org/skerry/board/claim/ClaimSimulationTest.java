package org.skerry.board.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.skerry.board.document.Samples.LEASE_MS;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.board.document.Clustering;
import org.skerry.board.document.Samples;
import org.skerry.board.document.Task;
import org.skerry.board.document.TaskManifest;
import org.skerry.board.document.Unit;
import org.skerry.libp2p.PeerId;

final class ClaimSimulationTest {
  private static final long DELAY_MS = 2_000;

  /** Experts and a router. */
  private static Task task(int units, int redundancy) {
    List<Unit> list = new ArrayList<>();
    for (int i = 0; i < units - 1; i++) {
      list.add(Samples.expert(i));
    }
    list.add(Samples.router(units - 1));
    TaskManifest base = Samples.manifest();
    return Task.seal(
        Samples.PUBLISHER,
        Samples.NOW,
        redundancy,
        LEASE_MS,
        Samples.policy(),
        new TaskManifest(
            base.name(),
            base.description(),
            base.licence(),
            base.expertModel(),
            new TreeMap<>(),
            base.routerModel(),
            base.expertRecipe(),
            new TreeMap<>(),
            base.routerRecipe(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            base.path(),
            Optional.empty(),
            list,
            new Clustering("m", 1, "f", Collections.nCopies(units - 1, 9L)),
            0));
  }

  @ParameterizedTest
  @CsvSource({
    // peers, units, redundancy, loss, seed
    "4, 4, 1, 0.0, 1",
    "9, 4, 1, 0.0, 2",
    "8, 4, 2, 0.0, 3",
    "16, 5, 2, 0.1, 4",
    "12, 3, 3, 0.1, 5",
    "6, 5, 1, 0.2, 6",
    "16, 9, 1, 0.2, 7",
    "16, 9, 1, 0.0, 8"
  })
  void settlesOnExactlyTheWantedNumberOfPeersForEveryUnit(
      int peers, int units, int redundancy, double loss, long seed) {
    ClaimSimulation simulation =
        new ClaimSimulation(task(units, redundancy), peers, loss, DELAY_MS, new Random(seed));
    simulation.runFor(6 * LEASE_MS);
    assertThat(simulation.holders().values())
        .as("seed %d", seed)
        .hasSize(units)
        .allSatisfy(holders -> assertThat(holders).hasSize(redundancy));
    assertThat(simulation.claimants()).as("the others wait").isEqualTo(units * redundancy);
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13})
  void keepsTheSameHoldersWhileNothingHappens(long seed) {
    ClaimSimulation simulation =
        new ClaimSimulation(task(4, 2), 10, 0.05, DELAY_MS, new Random(seed));
    simulation.runFor(6 * LEASE_MS);
    var before = simulation.holders();
    simulation.runFor(10 * LEASE_MS);
    assertThat(simulation.holders()).as("seed %d", seed).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23, 24})
  void handsAKilledPeersUnitOnSoonAfterItsLeaseEnds(long seed) {
    ClaimSimulation simulation =
        new ClaimSimulation(task(4, 1), 7, 0.1, DELAY_MS, new Random(seed));
    simulation.runFor(6 * LEASE_MS);
    PeerId victim = simulation.kill(1);
    simulation.runFor(LEASE_MS / 2);
    assertThat(simulation.holders()).as("seed %d: its lease still runs", seed).doesNotContainKey(1);
    // The lease, the longest wait of a standby (a third of it) and the settling time.
    simulation.runFor(LEASE_MS / 2 + LEASE_MS / 3 + 4 * 3 * DELAY_MS);
    assertThat(simulation.holders().get(1)).as("seed %d", seed).hasSize(1).doesNotContain(victim);
  }

  @ParameterizedTest
  @ValueSource(longs = {31, 32})
  void spreadsTooFewPeersOverDifferentUnits(long seed) {
    ClaimSimulation simulation =
        new ClaimSimulation(task(6, 2), 5, 0.0, DELAY_MS, new Random(seed));
    simulation.runFor(4 * LEASE_MS);
    assertThat(simulation.holders().values().stream().mapToInt(List::size).sum()).isEqualTo(5);
    assertThat(simulation.holders()).as("experts first, seed %d", seed).doesNotContainKey(5);
  }
}
