package org.skerry.board.trust;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The judged manifests of a task, by unit. */
public record TaskJudgement(SortedMap<Integer, UnitJudgement> units) {
  public TaskJudgement {
    units = Collections.unmodifiableSortedMap(new TreeMap<>(units));
  }

  /** The judgement of a unit; one without manifests where no board of it was given. */
  public UnitJudgement unit(int index) {
    return units.getOrDefault(index, new UnitJudgement(List.of()));
  }
}
