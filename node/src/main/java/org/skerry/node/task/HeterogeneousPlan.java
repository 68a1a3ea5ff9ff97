package org.skerry.node.task;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.skerry.board.document.ModelSpec;
import org.skerry.board.document.Recipe;
import org.skerry.diffusion.Flops;
import org.skerry.diffusion.NetworkConfig;
import org.skerry.trainer.partition.PartitionReport;

/**
 * A model and a number of steps for each partition, of the same total compute as if all experts
 * were alike. A partition needs {@code images · spread²}, the sum of its squared distances: large
 * and diverse ones more, small tight ones less. Its share of the budget is proportional to that,
 * held between {@value #LEAST} and {@value #MOST} of an equal share. Of a share that is r times an
 * equal one, r^¼ goes into the width and so about √r into the parameters, and the rest, about √r
 * too, into the steps: data and parameters in equal proportion (Hoffmann et al., arXiv 2203.15556).
 * Domain experts of different sizes are known to do better at equal compute (gensyn-ai/hdee).
 *
 * @param budget floating-point operations of all experts of the homogeneous task
 * @param experts in the order of their partitions
 */
public record HeterogeneousPlan(double budget, List<Expert> experts) {
  private static final double LEAST = 0.25;
  private static final double MOST = 4;
  private static final int BISECTIONS = 100;

  /**
   * What is proposed for one partition.
   *
   * @param images and {@code spread}, of which {@code share} of the budget follows
   * @param flops of the whole training
   */
  public record Expert(
      int images, double spread, double share, ModelSpec model, Recipe recipe, double flops) {}

  public HeterogeneousPlan {
    experts = List.copyOf(experts);
  }

  /**
   * Proposes; the same input gives the same proposal, whose sum never exceeds the budget.
   *
   * @param model and {@code recipe} that all experts would have
   * @throws IllegalArgumentException when the recipe has too few steps to share out
   */
  public static HeterogeneousPlan propose(
      ModelSpec model, Recipe recipe, List<PartitionReport.Row> partitions) {
    double each = recipe.steps() * stepFlops(model, recipe);
    double[] shares = shares(partitions);
    double left = each * shares.length;
    ModelSpec[] models = new ModelSpec[shares.length];
    long[] steps = new long[shares.length];
    for (int k = 0; k < shares.length; k++) {
      models[k] = widened(model, Math.pow(shares[k], 0.25));
      double step = stepFlops(models[k], recipe);
      steps[k] = (long) (shares[k] * each / step);
      if (steps[k] < 1) {
        throw new IllegalArgumentException(
            "--steps " + recipe.steps() + " are too few to share out; use at least 100");
      }
      left -= steps[k] * step;
    }
    spend(left, models, steps, recipe);
    List<Expert> experts = new ArrayList<>();
    for (int k = 0; k < shares.length; k++) {
      PartitionReport.Row row = partitions.get(k);
      experts.add(
          new Expert(
              row.images(),
              row.spread(),
              shares[k],
              models[k],
              recipe.withLength(steps[k], warmUp(steps[k], recipe)),
              steps[k] * stepFlops(models[k], recipe)));
    }
    return new HeterogeneousPlan(each * shares.length, experts);
  }

  /** What is left after rounding down, a step at a time to whoever has the fewest for its share. */
  private static void spend(double left, ModelSpec[] models, long[] steps, Recipe recipe) {
    double rest = left;
    while (true) {
      int chosen = -1;
      for (int k = 0; k < models.length; k++) {
        boolean fits = stepFlops(models[k], recipe) <= rest;
        if (fits && (chosen < 0 || steps[k] < steps[chosen])) {
          chosen = k;
        }
      }
      if (chosen < 0) {
        return;
      }
      steps[chosen]++;
      rest -= stepFlops(models[chosen], recipe);
    }
  }

  private static int warmUp(long steps, Recipe recipe) {
    return (int) Math.min(recipe.warmupSteps(), Math.max(1, steps / 10));
  }

  private static double stepFlops(ModelSpec model, Recipe recipe) {
    return recipe.batchSize() * Flops.training(Networks.expert(model));
  }

  /** Of what would be an equal share; their mean is 1. */
  private static double[] shares(List<PartitionReport.Row> partitions) {
    double[] need = new double[partitions.size()];
    for (int k = 0; k < need.length; k++) {
      PartitionReport.Row row = partitions.get(k);
      // Copies of one image have no spread at all, and want to be learned none the less.
      need[k] = row.images() * Math.max(1e-9, row.spread() * row.spread());
    }
    double low = 0;
    double high = MOST / min(need);
    for (int i = 0; i < BISECTIONS; i++) {
      double middle = (low + high) / 2;
      if (sum(held(need, middle)) <= need.length) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return held(need, low);
  }

  private static double[] held(double[] need, double scale) {
    double[] out = new double[need.length];
    for (int k = 0; k < out.length; k++) {
      out[k] = Math.clamp(scale * need[k], LEAST, MOST);
    }
    return out;
  }

  private static double min(double[] values) {
    double min = Double.POSITIVE_INFINITY;
    for (double value : values) {
      min = Math.min(min, value);
    }
    return min;
  }

  private static double sum(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum;
  }

  /** The nearest width that the family can have. */
  private static ModelSpec widened(ModelSpec model, double factor) {
    int unit = Networks.widthUnit(model);
    int width = (int) Math.max(1, Math.round(model.hidden() * factor / unit)) * unit;
    return model.withHidden(width);
  }

  /** Operations of the proposal, at most the budget. */
  public double flops() {
    return experts.stream().mapToDouble(Expert::flops).sum();
  }

  /** What differs from the task's own model and recipe. */
  public ExpertOverrides overrides(ModelSpec model, Recipe recipe) {
    SortedMap<Integer, ModelSpec> models = new TreeMap<>();
    SortedMap<Integer, Recipe> recipes = new TreeMap<>();
    for (int k = 0; k < experts.size(); k++) {
      if (!experts.get(k).model().equals(model)) {
        models.put(k, experts.get(k).model());
      }
      if (!experts.get(k).recipe().equals(recipe)) {
        recipes.put(k, experts.get(k).recipe());
      }
    }
    return new ExpertOverrides(models, recipes);
  }

  /** A table and a sentence. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("   expert   images   spread   share   width   parameters    steps   TFLOP");
    for (int k = 0; k < experts.size(); k++) {
      Expert expert = experts.get(k);
      NetworkConfig network = Networks.expert(expert.model());
      lines.add(
          String.format(
              Locale.ROOT,
              "%9d %8d %8.3f %7.2f %7d %12d %8d %7.2f",
              k,
              expert.images(),
              expert.spread(),
              expert.share(),
              expert.model().hidden(),
              network.parameterCount(),
              expert.recipe().steps(),
              expert.flops() / 1e12));
    }
    lines.add(
        String.format(
            Locale.ROOT,
            "Together %.2f TFLOP, %.1f %% of what equal experts would take.",
            flops() / 1e12,
            100 * flops() / budget));
    return Collections.unmodifiableList(lines);
  }
}
