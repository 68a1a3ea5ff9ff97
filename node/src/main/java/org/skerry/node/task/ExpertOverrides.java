package org.skerry.node.task;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.skerry.board.document.ModelSpec;
import org.skerry.board.document.Recipe;

/**
 * What single experts have of their own, by partition.
 *
 * @param models of experts that have another than the task's
 * @param recipes of experts that have another than the task's
 */
public record ExpertOverrides(
    SortedMap<Integer, ModelSpec> models, SortedMap<Integer, Recipe> recipes) {
  /** All experts alike. */
  public static final ExpertOverrides NONE = new ExpertOverrides(Map.of(), Map.of());

  public ExpertOverrides {
    models = Collections.unmodifiableSortedMap(new TreeMap<>(models));
    recipes = Collections.unmodifiableSortedMap(new TreeMap<>(recipes));
  }

  ExpertOverrides(Map<Integer, ModelSpec> models, Map<Integer, Recipe> recipes) {
    this(new TreeMap<>(models), new TreeMap<>(recipes));
  }
}
