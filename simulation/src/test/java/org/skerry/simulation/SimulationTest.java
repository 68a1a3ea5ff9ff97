package org.skerry.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimulationTest {
  private final Simulation simulation = new Simulation(7);
  private final List<String> happened = new ArrayList<>();

  @Test
  void thingsHappenByTimeAndThenByTheOrderTheyWereAskedFor() {
    simulation.after(20, () -> happened.add("late"));
    simulation.after(10, () -> happened.add("first"));
    simulation.after(10, () -> happened.add("second"));
    simulation.runFor(15);
    assertThat(happened).containsExactly("first", "second");
    simulation.runFor(15);
    assertThat(happened).containsExactly("first", "second", "late");
  }

  @Test
  void theClockStandsAtTheEventThatHappens() {
    long start = simulation.nowMs();
    simulation.after(5, () -> happened.add(Long.toString(simulation.nowMs() - start)));
    simulation.after(
        7,
        () -> simulation.after(1, () -> happened.add(Long.toString(simulation.nowMs() - start))));
    simulation.runFor(100);
    assertThat(happened).containsExactly("5", "8");
    assertThat(simulation.nowMs() - start).isEqualTo(100);
  }

  @Test
  void endsAsSoonAsWhatIsWaitedForIsThere() {
    long start = simulation.nowMs();
    simulation.after(5, () -> happened.add("it"));
    simulation.after(6, () -> happened.add("more"));
    assertThat(simulation.runUntil(() -> !happened.isEmpty(), 100)).isTrue();
    assertThat(simulation.nowMs() - start).isEqualTo(5);
    assertThat(simulation.runUntil(() -> happened.size() > 2, 100)).isFalse();
  }

  @Test
  void aSeedSaysWhatIsDrawn() {
    assertThat(new Simulation(7).random().nextLong()).isEqualTo(simulation.random().nextLong());
    assertThat(new Simulation(8).random().nextLong())
        .isNotEqualTo(new Simulation(7).random().nextLong());
  }

  @Test
  void nothingHappensInThePast() {
    assertThatThrownBy(() -> simulation.after(-1, () -> {}))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
