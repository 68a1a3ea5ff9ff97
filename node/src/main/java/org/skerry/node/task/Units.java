package org.skerry.node.task;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.skerry.board.document.FlowPath;
import org.skerry.board.document.Recipe;
import org.skerry.board.document.TaskManifest;
import org.skerry.board.document.TextEncoder;
import org.skerry.board.document.Unit;
import org.skerry.board.document.UnitKind;
import org.skerry.diffusion.optimizer.Optimizer;
import org.skerry.diffusion.torch.Precision;
import org.skerry.trainer.dataset.Augmentation;
import org.skerry.trainer.training.TrainingRecipe;
import org.skerry.trainer.worker.job.TextTables;

/** What a task's units mean to the trainer of this version. */
public final class Units {
  private static final double TRAINED_EPSILON = 1e-8;

  private Units() {}

  /** The unit's name in logs, folders and pictures: {@code expert-3} or {@code router}. */
  public static String nameOf(Unit unit) {
    return switch (unit.kind()) {
      case EXPERT -> "expert-" + unit.partition();
      case ROUTER -> "router";
      case EVALUATE, REPLICA, MERGE ->
          unit.kind().name().toLowerCase(Locale.ROOT) + "-" + unit.index();
    };
  }

  /** A recipe in the trainer's words; the learning rate falls to zero at its end. */
  public static TrainingRecipe recipe(Recipe r) {
    return new TrainingRecipe(
        optimizer(r),
        r.steps(),
        r.batchSize(),
        r.learningRate(),
        r.warmupSteps(),
        r.decayFraction(),
        0,
        r.emaDecay(),
        r.beta1(),
        r.beta2(),
        r.weightDecay(),
        r.clipNorm() == 0 ? Double.POSITIVE_INFINITY : r.clipNorm(),
        switch (r.timeSampling()) {
          case UNIFORM -> TrainingRecipe.Times.UNIFORM;
          case LOGIT_NORMAL -> TrainingRecipe.Times.LOGIT_NORMAL;
        },
        r.seed(),
        r.augmentation()
            .map(a -> new Augmentation(a.flip(), a.padding(), a.smallestCrop()))
            .orElse(Augmentation.NONE),
        r.conditionDropout(),
        precision(r));
  }

  /** The number format that a recipe's products are computed in. */
  public static Precision precision(Recipe r) {
    return switch (r.precision()) {
      case FLOAT32 -> Precision.FLOAT32;
      case BFLOAT16 -> Precision.BFLOAT16;
      case FLOAT16 -> Precision.FLOAT16;
    };
  }

  /** The rule a recipe names. */
  public static Optimizer.Rule optimizer(Recipe r) {
    return switch (r.optimizer()) {
      case ADAMW -> Optimizer.Rule.ADAMW;
      case MUON -> Optimizer.Rule.MUON;
    };
  }

  /** Tables of encoded captions, as the trainer's jobs are told of them. */
  public static TextTables texts(TaskManifest task, List<String> files) {
    return new TextTables(files, textTokens(task));
  }

  /** Tokens of the longest text that a task's experts look at; 0 where they look at none. */
  public static int textTokens(TaskManifest task) {
    return task.textEncoder().map(TextEncoder::maxTokens).orElse(0);
  }

  /** Why this version cannot train {@code unit}, in a few words; empty when it can. */
  public static Optional<String> misfit(TaskManifest manifest, Unit unit) {
    if (unit.kind() != UnitKind.EXPERT && unit.kind() != UnitKind.ROUTER) {
      return Optional.of("units of kind " + unit.kind() + " are for a later version");
    }
    if (manifest.rounds() != 0) {
      return Optional.of("co-trained experts are for a later version");
    }
    Recipe recipe = manifest.recipeOf(unit);
    if (manifest.path() != FlowPath.RECTIFIED_FLOW
        || recipe.epsilon() != TRAINED_EPSILON
        || recipe.initialWeights().isPresent()) {
      return Optional.of("its recipe asks for what a later version may know");
    }
    try {
      Networks.of(manifest, unit);
      manifest.textEncoder().ifPresent(TextEncoding::config);
      recipe(recipe);
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
