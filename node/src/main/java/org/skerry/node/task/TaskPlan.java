package org.skerry.node.task;

import org.skerry.board.document.AcceptancePolicy;
import org.skerry.board.document.ModelSpec;
import org.skerry.board.document.Recipe;

/**
 * What a researcher decides about a task before the data is looked at.
 *
 * @param name the slug people pull by
 * @param redundancy peers wanted at each unit
 * @param leaseMs the longest lease of a claim
 * @param own what single experts have otherwise than the rest
 */
public record TaskPlan(
    String name,
    String description,
    String licence,
    ModelSpec expertModel,
    ModelSpec routerModel,
    Recipe expertRecipe,
    Recipe routerRecipe,
    int redundancy,
    long leaseMs,
    AcceptancePolicy policy,
    ExpertOverrides own) {
  /** A plan whose experts are all alike. */
  public TaskPlan(
      String name,
      String description,
      String licence,
      ModelSpec expertModel,
      ModelSpec routerModel,
      Recipe expertRecipe,
      Recipe routerRecipe,
      int redundancy,
      long leaseMs,
      AcceptancePolicy policy) {
    this(
        name,
        description,
        licence,
        expertModel,
        routerModel,
        expertRecipe,
        routerRecipe,
        redundancy,
        leaseMs,
        policy,
        ExpertOverrides.NONE);
  }

  public TaskPlan withOverrides(ExpertOverrides overrides) {
    return new TaskPlan(
        name,
        description,
        licence,
        expertModel,
        routerModel,
        expertRecipe,
        routerRecipe,
        redundancy,
        leaseMs,
        policy,
        overrides);
  }
}
