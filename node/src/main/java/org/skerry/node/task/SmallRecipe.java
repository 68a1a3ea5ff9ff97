package org.skerry.node.task;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.skerry.board.document.Augmentation;
import org.skerry.board.document.ModelFamily;
import org.skerry.board.document.ModelSpec;
import org.skerry.board.document.Precision;
import org.skerry.board.document.Recipe;

/**
 * The models and recipes of a task. Those of the short constructor learn something in minutes on a
 * processor: a U-Net of 1.1 million parameters at width 32, Muon, an average that follows quickly.
 *
 * @param imageSize side in pixels, a multiple of four
 * @param width of a U-Net expert's first level; the router's is three quarters of it
 * @param steps of each expert
 * @param batchSize images a step of an expert; the router, which is smaller, takes four times as
 *     many
 * @param routerSteps of the router
 * @param checkpointMs work between local checkpoints, and {@code manifestMs} between manifests
 * @param augmentation of the images, for experts and router alike
 * @param channels 3 for pixels
 * @param classes that experts are told; 0 for none
 * @param textWidth of the texts that experts look at; 0 for none
 * @param conditionDropout chance that an expert is not told
 * @param transformer the published name of what experts are; null for U-Nets
 * @param training how their weights move
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
    int textWidth,
    double conditionDropout,
    @Nullable String transformer,
    Training training) {
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
        0,
        0,
        null,
        Training.SMALL);
  }

  public ModelSpec expertModel() {
    return transformer == null
        ? unet(width, classes)
        : Transformers.expert(transformer, imageSize, channels, classes, textWidth);
  }

  public ModelSpec routerModel() {
    if (transformer != null) {
      return Transformers.router(expertModel());
    }
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
        training.optimizer(),
        training.learningRate(),
        0.9,
        training.beta2(),
        1e-8,
        training.weightDecay(),
        (int) Math.clamp(length / 10, 1, Math.max(1, training.warmUpSteps())),
        training.decayFraction(),
        batch,
        length,
        training.emaDecay(),
        1,
        dropout,
        Precision.FLOAT32,
        from,
        training.times(),
        checkpointMs,
        manifestMs,
        Optional.empty(),
        augmentation);
  }
}
