package org.skerry.simulation.claim;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.skerry.board.document.Task;
import org.skerry.board.merge.Board;
import org.skerry.simulation.Simulation;

/**
 * The peers nearest to a task's boards, as far as a claimer is concerned: each holds all boards and
 * merges what it is sent. Messages take their time or get lost; a write goes to all replicas, a
 * reading asks {@link #ASKED} and joins what comes back, and every minute a replica gives its
 * boards to another one.
 */
final class Replicas {
  private static final int ASKED = 3;
  private static final long PASS_ON_MS = 60_000;

  private final Simulation simulation;
  private final ClaimScenario scenario;
  private final Task task;
  private final List<Map<Integer, Board>> replicas = new ArrayList<>();

  Replicas(Simulation simulation, ClaimScenario scenario, Task task) {
    this.simulation = simulation;
    this.scenario = scenario;
    this.task = task;
    for (int i = 0; i < scenario.replicas(); i++) {
      Map<Integer, Board> replica = new HashMap<>();
      for (int unit = 0; unit < scenario.units(); unit++) {
        replica.put(unit, Board.empty(task.charter(), unit));
      }
      replicas.add(replica);
      simulation.after(random().nextLong(PASS_ON_MS), () -> passOn(replica));
    }
  }

  private RandomGenerator random() {
    return simulation.random();
  }

  private boolean isLost() {
    return random().nextDouble() < scenario.loss();
  }

  private long latencyMs() {
    return random().nextLong(scenario.minLatencyMs(), scenario.maxLatencyMs() + 1);
  }

  private void passOn(Map<Integer, Board> replica) {
    Map<Integer, Board> other = replicas.get(random().nextInt(replicas.size()));
    Map<Integer, Board> sent = Map.copyOf(replica);
    if (!isLost()) {
      simulation.after(
          latencyMs(), () -> sent.forEach((unit, board) -> other.merge(unit, board, Board::merge)));
    }
    simulation.after(PASS_ON_MS, () -> passOn(replica));
  }

  /** Sends {@code board} to every replica. */
  void write(Board board) {
    for (Map<Integer, Board> replica : replicas) {
      if (!isLost()) {
        simulation.after(latencyMs(), () -> replica.merge(board.unit(), board, Board::merge));
      }
    }
  }

  /**
   * Asks for the boards of {@code units}; {@code then} has what came back when the last one did.
   */
  void read(Collection<Integer> units, Consumer<List<Board>> then) {
    List<Board> got = new ArrayList<>();
    long longestMs = 1;
    for (int i = 0; i < ASKED; i++) {
      Map<Integer, Board> replica = replicas.get(random().nextInt(replicas.size()));
      long thereMs = latencyMs();
      longestMs = Math.max(longestMs, thereMs + latencyMs());
      boolean asked = !isLost();
      boolean answered = !isLost();
      if (asked && answered) {
        simulation.after(thereMs, () -> units.forEach(unit -> got.add(board(replica, unit))));
      }
    }
    simulation.after(longestMs, () -> then.accept(got));
  }

  private Board board(Map<Integer, Board> replica, int unit) {
    return replica.getOrDefault(unit, Board.empty(task.charter(), unit));
  }

  /** What all replicas know together about {@code unit}. */
  Board joined(int unit) {
    return replicas.stream()
        .map(replica -> board(replica, unit))
        .reduce(Board.empty(task.charter(), unit), Board::merge);
  }
}
