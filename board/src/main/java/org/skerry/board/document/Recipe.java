package org.skerry.board.document;

import java.util.Optional;
import org.skerry.board.dagcbor.Value;
import org.skerry.libp2p.multiformats.Cid;

/**
 * How a network of the task is trained.
 *
 * @param learningRate after warm-up
 * @param epsilon of Adam's denominator
 * @param warmupSteps steps of linear warm-up
 * @param decayFraction the last part of the steps over which the rate falls to zero; 0 for none
 * @param batchSize samples a step
 * @param steps of the whole training
 * @param emaDecay of the averaged weights
 * @param clipNorm global gradient norm; 0 for no clipping
 * @param conditionDropout chance that a sample is trained without its class
 * @param seed of weights, order and draws
 * @param checkpointIntervalMs work between local checkpoints
 * @param manifestIntervalMs work between published manifests
 * @param initialWeights the blob every trainer starts from; absent: from {@code seed}
 * @param augmentation of the samples; absent: none
 */
public record Recipe(
    Optimizer optimizer,
    double learningRate,
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay,
    int warmupSteps,
    double decayFraction,
    int batchSize,
    long steps,
    double emaDecay,
    double clipNorm,
    double conditionDropout,
    Precision precision,
    long seed,
    TimeSampling timeSampling,
    long checkpointIntervalMs,
    long manifestIntervalMs,
    Optional<Cid> initialWeights,
    Optional<Augmentation> augmentation) {
  private static final double BELOW_ONE = Math.nextDown(1.0);
  private static final int MAX_WARMUP_STEPS = 1_000_000_000;
  private static final long MAX_STEPS = 1_000_000_000_000L;
  private static final long MAX_INTERVAL_MS = 30L * 24 * 3600 * 1000;

  public Recipe {
    learningRate = Bounds.real("learningRate", learningRate, Double.MIN_NORMAL, 10);
    beta1 = Bounds.real("beta1", beta1, 0, BELOW_ONE);
    beta2 = Bounds.real("beta2", beta2, 0, BELOW_ONE);
    epsilon = Bounds.real("epsilon", epsilon, Double.MIN_NORMAL, 1);
    weightDecay = Bounds.real("weightDecay", weightDecay, 0, 10);
    Bounds.range("warmupSteps", warmupSteps, 0, MAX_WARMUP_STEPS);
    decayFraction = Bounds.real("decayFraction", decayFraction, 0, 1);
    Bounds.range("batchSize", batchSize, 1, 1 << 20);
    Bounds.range("steps", steps, 1, MAX_STEPS);
    emaDecay = Bounds.real("emaDecay", emaDecay, 0, BELOW_ONE);
    clipNorm = Bounds.real("clipNorm", clipNorm, 0, 1e9);
    conditionDropout = Bounds.real("conditionDropout", conditionDropout, 0, 1);
    Bounds.range("checkpointIntervalMs", checkpointIntervalMs, 1, MAX_INTERVAL_MS);
    Bounds.range("manifestIntervalMs", manifestIntervalMs, 1, MAX_INTERVAL_MS);
    initialWeights.ifPresent(blob -> Bounds.blob("initialWeights", blob));
  }

  /** This recipe over another number of steps. */
  public Recipe withLength(long otherSteps, int otherWarmupSteps) {
    return with(otherSteps, otherWarmupSteps, precision);
  }

  /** This recipe with training steps in another number format. */
  public Recipe withPrecision(Precision other) {
    return with(steps, warmupSteps, other);
  }

  private Recipe with(long otherSteps, int otherWarmupSteps, Precision otherPrecision) {
    return new Recipe(
        optimizer,
        learningRate,
        beta1,
        beta2,
        epsilon,
        weightDecay,
        otherWarmupSteps,
        decayFraction,
        batchSize,
        otherSteps,
        emaDecay,
        clipNorm,
        conditionDropout,
        otherPrecision,
        seed,
        timeSampling,
        checkpointIntervalMs,
        manifestIntervalMs,
        initialWeights,
        augmentation);
  }

  Value toValue() {
    FieldWriter out = new FieldWriter();
    augmentation.ifPresent(a -> out.value("augmentation", a.toValue()));
    return out.named("optimizer", optimizer)
        .real("learningRate", learningRate)
        .real("beta1", beta1)
        .real("beta2", beta2)
        .real("epsilon", epsilon)
        .real("weightDecay", weightDecay)
        .integer("warmupSteps", warmupSteps)
        .real("decayFraction", decayFraction)
        .integer("batchSize", batchSize)
        .integer("steps", steps)
        .real("emaDecay", emaDecay)
        .real("clipNorm", clipNorm)
        .real("conditionDropout", conditionDropout)
        .named("precision", precision)
        .integer("seed", seed)
        .named("timeSampling", timeSampling)
        .integer("checkpointIntervalMs", checkpointIntervalMs)
        .integer("manifestIntervalMs", manifestIntervalMs)
        .link("initialWeights", initialWeights)
        .end();
  }

  static Recipe fromValue(Value value) {
    FieldReader in = FieldReader.of("recipe", value);
    Recipe recipe =
        new Recipe(
            in.named("optimizer", Optimizer.class),
            in.real("learningRate"),
            in.real("beta1"),
            in.real("beta2"),
            in.real("epsilon"),
            in.real("weightDecay"),
            in.smallInteger("warmupSteps"),
            in.real("decayFraction"),
            in.smallInteger("batchSize"),
            in.integer("steps"),
            in.real("emaDecay"),
            in.real("clipNorm"),
            in.real("conditionDropout"),
            in.named("precision", Precision.class),
            in.integer("seed"),
            in.named("timeSampling", TimeSampling.class),
            in.integer("checkpointIntervalMs"),
            in.integer("manifestIntervalMs"),
            in.optionalLink("initialWeights"),
            in.optionalValue("augmentation").map(Augmentation::fromValue));
    in.end();
    return recipe;
  }
}
