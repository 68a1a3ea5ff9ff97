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
    AcceptancePolicy policy) {}
