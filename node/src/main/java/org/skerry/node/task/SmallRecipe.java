package org.skerry.node.task;

import java.util.Optional;
import org.skerry.board.document.Augmentation;
import org.skerry.board.document.ModelFamily;
import org.skerry.board.document.ModelSpec;
import org.skerry.board.document.Optimizer;
import org.skerry.board.document.Precision;
import org.skerry.board.document.Recipe;
import org.skerry.board.document.TimeSampling;

/**
 * Models and a recipe that learn something in minutes on a processor: a U-Net of 1.1 million
 * parameters at width 32, Muon, an average that follows quickly.
 *
 * @param imageSize side in pixels, a multiple of four
 * @param width of the expert's first level; the router's is three quarters of it
 * @param steps of each expert
 * @param batchSize images a step of an expert; the router, which is smaller, takes four times as
 *     many
 * @param routerSteps of the router
 * @param checkpointMs work between local checkpoints, and {@code manifestMs} between manifests
 * @param augmentation of the images, for experts and router alike
 * @param channels 3 for pixels
 * @param classes that experts are told; 0 for none
 * @param conditionDropout chance that an expert is not told
 */
public record SmallRecipe(
    int imageSize,
    int width,
    int batchSize,
    long steps,
    long routerSteps,
    long checkpointMs,
    long manifestMs,
    long seed,
    Optional<Augmentation> augmentation,
    int channels,
    int classes,
    double conditionDropout) {
  /** Of 1e-3 to 7e-3, what left the smallest held-out loss after 1,200 steps on pictures. */
  private static final double LEARNING_RATE = 4e-3;

  private static final int LEVELS = 3;
  private static final int GROUPS = 8;

  /** Of pixels, without classes. */
  public SmallRecipe(
      int imageSize,
      int width,
      int batchSize,
      long steps,
      long routerSteps,
      long checkpointMs,
      long manifestMs,
      long seed,
      Optional<Augmentation> augmentation) {
    this(
        imageSize,
        width,
        batchSize,
        steps,
        routerSteps,
        checkpointMs,
        manifestMs,
        seed,
        augmentation,
        3,
        0,
        0);
  }

  public ModelSpec expertModel() {
    return unet(width, classes);
  }

  public ModelSpec routerModel() {
    return unet(Math.max(GROUPS, width * 3 / 4 / GROUPS * GROUPS), 0);
  }

  private ModelSpec unet(int hidden, int labels) {
    return new ModelSpec(ModelFamily.UNET, imageSize, channels, hidden, LEVELS, 0, 0, labels);
  }

  public Recipe expert() {
    return recipe(steps, batchSize, seed, conditionDropout);
  }

  public Recipe router() {
    return recipe(routerSteps, 4 * batchSize, seed + 1, 0);
  }

  private Recipe recipe(long length, int batch, long from, double dropout) {
    return new Recipe(
        Optimizer.MUON,
        LEARNING_RATE,
        0.9,
        0.99,
        1e-8,
        0,
        Math.clamp(length / 10, 1, 30),
        0.4,
        batch,
        length,
        0.99,
        1,
        dropout,
        Precision.FLOAT32,
        from,
        TimeSampling.LOGIT_NORMAL,
        checkpointMs,
        manifestMs,
        Optional.empty(),
        augmentation);
  }
}
