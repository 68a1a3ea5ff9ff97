package org.skerry.board.trust;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.skerry.board.document.Task;
import org.skerry.board.document.UnitKind;

/**
 * The judged manifests of a task, by unit.
 *
 * @param withdrawn whether its publisher took the whole task back
 */
public record TaskJudgement(SortedMap<Integer, UnitJudgement> units, boolean withdrawn) {
  public TaskJudgement {
    units = Collections.unmodifiableSortedMap(new TreeMap<>(units));
  }

  /** Whether every expert and router of {@code task} has finished: the task is over. */
  public boolean isFinished(Task task) {
    return task.units().stream()
        .filter(unit -> unit.kind() == UnitKind.EXPERT || unit.kind() == UnitKind.ROUTER)
        .allMatch(unit -> unit(unit.index()).isFinished());
  }

  /** The judgement of a unit; one without manifests where no board of it was given. */
  public UnitJudgement unit(int index) {
    return units.getOrDefault(index, new UnitJudgement(List.of()));
  }
}
