package org.skerry.node.task;

import java.util.List;
import java.util.Optional;
import org.skerry.board.document.AcceptancePolicy;
import org.skerry.board.document.ModelSpec;
import org.skerry.board.document.Recipe;
import org.skerry.transfer.WebSeed;

/**
 * What a researcher decides about a task before the data is looked at.
 *
 * @param name the slug people pull by
 * @param redundancy peers wanted at each unit
 * @param leaseMs the longest lease of a claim
 * @param own what single experts have otherwise than the rest
 * @param classNames of the classes that the experts know, where they have names
 * @param codec whose latents the experts are trained on; absent for pixels
 * @param text what the experts read captions with; absent where they read none
 * @param web where the shards will lie on web servers, too
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
    ExpertOverrides own,
    Optional<ClassNames> classNames,
    Optional<Codec> codec,
    Optional<TextEncoding> text,
    List<WebSeed> web) {
  public TaskPlan {
    web = List.copyOf(web);
  }

  /**
   * A plan for pixels, whose experts are all alike and read nothing, and whose classes, if any,
   * have no names.
   */
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
        ExpertOverrides.NONE,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of());
  }

  public TaskPlan withOverrides(ExpertOverrides overrides) {
    return with(overrides, classNames, codec, text, web);
  }

  public TaskPlan withClassNames(ClassNames names) {
    return with(own, Optional.of(names), codec, text, web);
  }

  public TaskPlan withCodec(Codec latents) {
    return with(own, classNames, Optional.of(latents), text, web);
  }

  public TaskPlan withText(TextEncoding encoding) {
    return with(own, classNames, codec, Optional.of(encoding), web);
  }

  public TaskPlan withWeb(List<WebSeed> seeds) {
    return with(own, classNames, codec, text, seeds);
  }

  private TaskPlan with(
      ExpertOverrides overrides,
      Optional<ClassNames> names,
      Optional<Codec> latents,
      Optional<TextEncoding> encoding,
      List<WebSeed> seeds) {
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
        overrides,
        names,
        latents,
        encoding,
        seeds);
  }
}
