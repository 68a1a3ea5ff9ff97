package org.skerry.trainer.training;

import org.skerry.diffusion.SeededRandom;
import org.skerry.diffusion.TimeSampling;
import org.skerry.diffusion.optimizer.Optimizer;
import org.skerry.diffusion.torch.Precision;
import org.skerry.trainer.dataset.Augmentation;

/**
 * How a network is trained. Two runs with the same recipe, data and start make the same weights, on
 * one thread of one machine.
 *
 * @param optimizer rule by which weights move
 * @param steps of the whole run
 * @param batchSize images a step
 * @param learningRate after warm-up and before decay
 * @param warmUpSteps over which the rate rises linearly from the optimizer's first step on
 * @param decayShare last share (0..1) of the steps, over which the rate falls linearly
 * @param finalRateShare share of the rate that is left at the end
 * @param emaDecay largest decay of the moving average
 * @param beta1 decay of Adam's first moment
 * @param beta2 decay of Adam's second moment
 * @param weightDecay decoupled
 * @param maxGradientNorm to which the global gradient norm is clipped
 * @param times how times are drawn
 * @param seed of data order, augmentation, times and noise
 * @param augmentation what is changed about samples at random
 * @param conditionDropout share (0..1) of samples that an expert is trained on without their class
 *     or text, so that it can be guided (Ho and Salimans, arXiv 2207.12598)
 * @param precision of matrix products; weights and everything that is kept are float32
 */
public record TrainingRecipe(
    Optimizer.Rule optimizer,
    long steps,
    int batchSize,
    double learningRate,
    int warmUpSteps,
    double decayShare,
    double finalRateShare,
    double emaDecay,
    double beta1,
    double beta2,
    double weightDecay,
    double maxGradientNorm,
    Times times,
    long seed,
    Augmentation augmentation,
    double conditionDropout,
    Precision precision) {
  /** How times are drawn. */
  public enum Times {
    UNIFORM,
    LOGIT_NORMAL
  }

  /** Most images a step. */
  public static final int MAX_BATCH = 65_536;

  private static final double EPSILON = 1e-8;
  private static final long REDRAWN = 3;

  public TrainingRecipe {
    if (steps < 1 || batchSize < 1 || batchSize > MAX_BATCH || warmUpSteps < 0) {
      throw new IllegalArgumentException(
          "steps %d, batch %d or warm-up %d is out of range"
              .formatted(steps, batchSize, warmUpSteps));
    }
    if (!(learningRate > 0 && learningRate < 10)) {
      throw new IllegalArgumentException("learning rate " + learningRate + " not in (0, 10)");
    }
    if (!(decayShare >= 0 && decayShare <= 1 && finalRateShare >= 0 && finalRateShare <= 1)) {
      throw new IllegalArgumentException(
          "decay share %s or final rate share %s not in 0..1"
              .formatted(decayShare, finalRateShare));
    }
    if (!(emaDecay >= 0 && emaDecay < 1)) {
      throw new IllegalArgumentException("EMA decay " + emaDecay + " not in [0, 1)");
    }
    if (!(conditionDropout >= 0 && conditionDropout <= 1)) {
      throw new IllegalArgumentException(
          "condition dropout " + conditionDropout + " not in [0, 1]");
    }
    new Optimizer.Settings(beta1, beta2, EPSILON, weightDecay, maxGradientNorm);
  }

  /**
   * What suits a few hundred steps on a processor: Muon, rate 3e-3, warm-up 30, decay over 40 %.
   */
  public static TrainingRecipe shortRun(long steps, int batchSize, long seed) {
    return new TrainingRecipe(
        Optimizer.Rule.MUON,
        steps,
        batchSize,
        3e-3,
        30,
        0.4,
        0.05,
        0.99,
        0.9,
        0.99,
        0,
        1,
        Times.LOGIT_NORMAL,
        seed,
        Augmentation.NONE,
        0,
        Precision.FLOAT32);
  }

  /** This recipe with another rule by which weights move. */
  public TrainingRecipe withOptimizer(Optimizer.Rule rule) {
    return with(rule, seed, augmentation, conditionDropout, precision);
  }

  /** This recipe with another order of images, other times and other noise; itself for 0. */
  TrainingRecipe redrawn(int rollbacks) {
    return rollbacks == 0
        ? this
        : with(
            optimizer,
            SeededRandom.of(seed, REDRAWN, rollbacks).nextLong(),
            augmentation,
            conditionDropout,
            precision);
  }

  /** This recipe with samples changed at random. */
  public TrainingRecipe withAugmentation(Augmentation other) {
    return with(optimizer, seed, other, conditionDropout, precision);
  }

  /** This recipe with matrix products in another number format. */
  public TrainingRecipe withPrecision(Precision other) {
    return with(optimizer, seed, augmentation, conditionDropout, other);
  }

  /** This recipe with a share of the samples trained on without their class or text. */
  public TrainingRecipe withConditionDropout(double share) {
    return with(optimizer, seed, augmentation, share, precision);
  }

  private TrainingRecipe with(
      Optimizer.Rule otherRule,
      long otherSeed,
      Augmentation otherAugmentation,
      double otherDropout,
      Precision otherPrecision) {
    return new TrainingRecipe(
        otherRule,
        steps,
        batchSize,
        learningRate,
        warmUpSteps,
        decayShare,
        finalRateShare,
        emaDecay,
        beta1,
        beta2,
        weightDecay,
        maxGradientNorm,
        times,
        otherSeed,
        otherAugmentation,
        otherDropout,
        otherPrecision);
  }

  /** The optimizer's constants. */
  public Optimizer.Settings optimizerSettings() {
    return new Optimizer.Settings(beta1, beta2, EPSILON, weightDecay, maxGradientNorm);
  }

  /** The distribution of times. */
  public TimeSampling timeSampling() {
    return switch (times) {
      case UNIFORM -> new TimeSampling.Uniform();
      case LOGIT_NORMAL -> new TimeSampling.LogitNormal(0, 1);
    };
  }

  /**
   * The learning rate of a step.
   *
   * @param step from 0
   * @param optimizerSteps steps that the optimizer's moments have seen: less than {@code step} when
   *     a run went on from weights alone, and then the moments need their warm-up again
   */
  public double learningRateAt(long step, long optimizerSteps) {
    double rising = warmUpSteps == 0 ? 1 : Math.min(1, (optimizerSteps + 1.0) / warmUpSteps);
    double left = (double) (steps - step) / steps;
    double falling = left >= decayShare ? 1 : Math.max(finalRateShare, left / decayShare);
    return learningRate * rising * falling;
  }
}
