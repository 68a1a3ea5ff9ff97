package org.skerry.trainer.training;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.Batch;
import org.skerry.diffusion.SeededRandom;
import org.skerry.trainer.dataset.ImageSet;

/**
 * Images, with a label each when the objective wants one, in an order that is a pure function of
 * the seed: every epoch is a permutation of its own, batches run across epochs' ends. Owned by the
 * thread that trains.
 */
public final class TrainingData {
  private static final long ORDER = 1;
  private static final long NOISE = 2;

  private final ImageSet images;
  private final long @Nullable [] labels;
  private long permutedEpoch = -1;
  private long permutedSeed;
  private int[] permutation = new int[0];

  public TrainingData(ImageSet images, long @Nullable [] labels) {
    if (images.count() == 0) {
      throw new IllegalArgumentException("no image to train on");
    }
    if (labels != null && labels.length != images.count()) {
      throw new IllegalArgumentException(
          labels.length + " labels for " + images.count() + " images");
    }
    this.images = images;
    this.labels = labels == null ? null : labels.clone();
  }

  public int count() {
    return images.count();
  }

  /** Side of the images in pixels. */
  public int imageSize() {
    return images.size();
  }

  /** The batch of a step, its times and noise included, in {@code scratch}. */
  Batch batch(NDManager scratch, TrainingRecipe recipe, long step) {
    int[] chosen = indices(recipe.seed(), step, recipe.batchSize());
    long[] chosenLabels = null;
    if (labels != null) {
      chosenLabels = new long[chosen.length];
      for (int i = 0; i < chosen.length; i++) {
        chosenLabels[i] = labels[chosen[i]];
      }
    }
    return Batch.create(
        scratch,
        images.toFloats(chosen),
        new Shape(chosen.length, ImageSet.CHANNELS, images.size(), images.size()),
        chosenLabels,
        recipe.timeSampling(),
        SeededRandom.of(recipe.seed(), NOISE, step));
  }

  int[] indices(long seed, long step, int batchSize) {
    int[] chosen = new int[batchSize];
    long position = Math.multiplyExact(step, (long) batchSize);
    for (int i = 0; i < batchSize; i++, position++) {
      chosen[i] = permutation(seed, position / count())[(int) (position % count())];
    }
    return chosen;
  }

  private int[] permutation(long seed, long epoch) {
    if (epoch == permutedEpoch && seed == permutedSeed) {
      return permutation;
    }
    SeededRandom random = SeededRandom.of(seed, ORDER, epoch);
    int[] order = new int[count()];
    for (int i = 0; i < order.length; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    permutation = order;
    permutedEpoch = epoch;
    permutedSeed = seed;
    return order;
  }
}
