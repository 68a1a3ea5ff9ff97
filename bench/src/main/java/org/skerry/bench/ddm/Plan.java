package org.skerry.bench.ddm;

import java.nio.file.Path;
import org.skerry.diffusion.Flops;
import org.skerry.diffusion.UNetClassifierConfig;
import org.skerry.diffusion.UNetConfig;
import org.skerry.trainer.dataset.Augmentation;
import org.skerry.trainer.training.TrainingRecipe;

/**
 * The sizes of the experiment. Both sides cost the same: K experts on batches of {@code batch / K}
 * and the router on one, the monolith on batches of {@code batch} for the router's cost longer.
 *
 * @param data whatever {@code skerry task create --images} takes, or {@code builtin}
 * @param folder that results and checkpoints are kept in, to go on from
 * @param size side of the images in pixels
 * @param partitions K
 * @param runs of both sides, each with another seed
 * @param steps of each expert
 * @param batch of the monolith and of the router
 * @param samples images that each side makes
 * @param measured held-out images that losses are measured on
 */
public record Plan(
    Path data,
    Path folder,
    int size,
    int partitions,
    int runs,
    int steps,
    int batch,
    int samples,
    int measured) {
  /** What the router may cost of its experts' training; the paper spends 4 %. */
  private static final double ROUTER_SHARE = 0.06;

  private static final Augmentation MIRRORED = new Augmentation(true, 0, 1);

  public Plan {
    if (partitions < 2 || batch % partitions != 0) {
      throw new IllegalArgumentException(
          "a batch of %d cannot be shared by %d experts; take a multiple"
              .formatted(batch, partitions));
    }
    if (runs < 1 || steps < 1 || samples < 2 || measured < partitions) {
      throw new IllegalArgumentException("runs, steps, samples or images are too few");
    }
  }

  UNetConfig network() {
    return UNetConfig.small(3, size);
  }

  UNetClassifierConfig router() {
    return UNetClassifierConfig.small(3, size, partitions);
  }

  TrainingRecipe expertRecipe(long seed) {
    return recipe(steps, batch / partitions, seed);
  }

  TrainingRecipe routerRecipe(long seed) {
    return recipe(routerSteps(), batch, seed);
  }

  TrainingRecipe monolithRecipe(long seed) {
    return recipe(steps + Math.round(routerSteps() * routerOverNetwork()), batch, seed);
  }

  /** Floating-point operations that each side trains with. */
  double flops() {
    return Flops.training(network()) * batch * monolithRecipe(0).steps();
  }

  private long routerSteps() {
    return Math.max(1, Math.round(ROUTER_SHARE * steps / routerOverNetwork()));
  }

  private double routerOverNetwork() {
    return Flops.training(router()) / Flops.training(network());
  }

  private static TrainingRecipe recipe(long steps, int batch, long seed) {
    return TrainingRecipe.shortRun(steps, batch, seed).withAugmentation(MIRRORED);
  }
}
