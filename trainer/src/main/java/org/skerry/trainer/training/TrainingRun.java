package org.skerry.trainer.training;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.Map;
import org.skerry.diffusion.Batch;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.Objective;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.optimizer.Ema;
import org.skerry.diffusion.optimizer.Optimizer;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.torch.Backpropagation;
import org.skerry.diffusion.torch.Precision;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A network in training, one step at a time: batch, gradient, clipping, optimizer, moving average.
 * A step is a function of the state, the recipe and the data alone. Owned by one platform thread.
 */
public final class TrainingRun implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TrainingRun.class);
  private static final double LOSS_SMOOTHING = 0.02;

  private final Network network;
  private final Objective objective;
  private final TrainingData data;
  private final TrainingRecipe recipe;
  private final Parameters parameters;
  private final Optimizer optimizer;
  private final Ema ema;
  private long step;
  private double smoothedLoss;
  private double learningRate;
  private int rollbacks;
  private TrainingRecipe drawn;
  private LossScale lossScale;
  private boolean recomputes;
  private int microBatch = Integer.MAX_VALUE;
  private LossWatch watch = new LossWatch();

  private TrainingRun(
      Network network,
      Objective objective,
      TrainingData data,
      TrainingRecipe recipe,
      Parameters parameters,
      Optimizer optimizer,
      Ema ema) {
    this.network = network;
    this.objective = objective;
    this.data = data;
    this.recipe = recipe;
    this.drawn = recipe;
    this.parameters = parameters;
    this.optimizer = optimizer;
    this.ema = ema;
    this.lossScale = recipe.precision() == Precision.FLOAT16 ? LossScale.INITIAL : LossScale.NONE;
  }

  /**
   * A run whose optimizer starts afresh from weights: a task's initial ones, or somebody's at
   * {@code step}.
   *
   * @throws IllegalArgumentException when the weights are not this network's
   */
  public static TrainingRun fromWeights(
      Network network,
      Objective objective,
      TrainingData data,
      TrainingRecipe recipe,
      Map<String, HostTensor> weights,
      long step,
      NDManager parent) {
    requireFit(network, data);
    Parameters parameters = Parameters.from(network, weights, parent);
    parameters.requiresGradient(true);
    Optimizer optimizer = recipe.optimizer().create(parameters, recipe.optimizerSettings());
    Ema ema = new Ema(parameters, recipe.emaDecay());
    TrainingRun run = new TrainingRun(network, objective, data, recipe, parameters, optimizer, ema);
    run.step = step;
    return run;
  }

  /**
   * A run that goes on exactly where {@code state} was taken.
   *
   * @throws IllegalArgumentException when the tensors are not this network's
   */
  public static TrainingRun resume(
      Network network,
      Objective objective,
      TrainingData data,
      TrainingRecipe recipe,
      RunState state,
      NDManager parent) {
    requireFit(network, data);
    Parameters parameters = Parameters.from(network, state.raw(), parent);
    parameters.requiresGradient(true);
    Optimizer optimizer = recipe.optimizer().create(parameters, recipe.optimizerSettings());
    optimizer.restore(state.optimizer());
    Parameters average = Parameters.from(network, state.average(), parameters.manager());
    Ema ema = new Ema(parameters, average, recipe.emaDecay(), optimizer.steps());
    TrainingRun run = new TrainingRun(network, objective, data, recipe, parameters, optimizer, ema);
    run.step = state.step();
    run.smoothedLoss = state.smoothedLoss();
    run.rollbacks = state.rollbacks();
    run.lossScale = recipe.precision() == Precision.FLOAT16 ? state.lossScale() : LossScale.NONE;
    run.drawn = recipe.redrawn(state.rollbacks());
    return run;
  }

  private static void requireFit(Network network, TrainingData data) {
    if (network.config().imageSize() != data.imageSize()) {
      throw new IllegalArgumentException(
          "network takes images of %d pixels, the data has %d"
              .formatted(network.config().imageSize(), data.imageSize()));
    }
    if (network.config().channels() != data.format().channels()) {
      throw new IllegalArgumentException(
          "network takes %d channels, the data has %s"
              .formatted(network.config().channels(), data.format()));
    }
  }

  /**
   * Makes one step. A step whose gradients do not fit float16 moves nothing but the {@link
   * LossScale}.
   *
   * @return the step's loss
   * @throws TrainerException {@link Reason#DIVERGED} when loss or gradient is not finite, or losses
   *     have run away: {@link #goBack} then; {@link Reason#OUT_OF_MEMORY} when memory does not
   *     suffice: {@link #limitMicroBatch} to half of {@link #microBatch()}, or {@link #recompute},
   *     then, in a new process, for libtorch keeps some of what a failed step had
   * @throws IOException when the data cannot be read
   */
  public double step() throws IOException {
    try {
      return makeStep();
    } catch (EngineException e) {
      if (!OutOfMemory.isCause(e)) {
        throw e;
      }
      optimizer.discardGradients();
      throw new TrainerException(
          Reason.OUT_OF_MEMORY,
          microBatch() == 1
              ? "memory does not suffice to train on one image; allow more, or use a smaller"
                  + " network or image"
              : "memory does not suffice to train on " + microBatch() + " images at once",
          e);
    }
  }

  private double makeStep() throws IOException {
    double value = lossAndGradient();
    if (!Double.isFinite(value)) {
      throw diverged("the loss is " + value);
    }
    if (watch.ranAway(value)) {
      throw diverged(
          "the loss rose from about %.3g to %.3g".formatted(watch.usual(), watch.recent()));
    }
    learningRate = recipe.learningRateAt(step, optimizer.steps());
    double norm = optimizer.step(learningRate, lossScale.factor());
    boolean finite = Double.isFinite(norm);
    if (!finite && lossScale.isSmallest()) {
      throw diverged("the gradient's norm is " + norm);
    }
    if (recipe.precision() == Precision.FLOAT16) {
      lossScale = lossScale.after(finite);
    }
    if (finite) {
      ema.update();
      smoothedLoss =
          optimizer.steps() == 1 ? value : smoothedLoss + LOSS_SMOOTHING * (value - smoothedLoss);
    } else {
      log.info("step {} is left out: its loss scale was too large, now {}", step, lossScale);
    }
    step++;
    return value;
  }

  private Backpropagation backpropagation() {
    return new Backpropagation(recipe.precision(), lossScale.factor(), recomputes);
  }

  private double lossAndGradient() throws IOException {
    try (NDManager scratch = parameters.manager().newSubManager()) {
      Batch batch = data.batch(scratch, drawn, step);
      if (microBatch >= recipe.batchSize()) {
        return backpropagation()
            .run(scratch, () -> objective.loss(scratch, network, parameters, batch))
            .getFloat();
      }
      return sumOverParts(scratch, batch);
    }
  }

  /** Each part's mean weighs as much as its share of the batch. */
  private double sumOverParts(NDManager scratch, Batch batch) {
    double sum = 0;
    for (int from = 0; from < recipe.batchSize(); from += microBatch) {
      int to = Math.min(recipe.batchSize(), from + microBatch);
      double share = (to - from) / (double) recipe.batchSize();
      try (NDManager part = scratch.newSubManager()) {
        Batch slice = batch.slice(part, from, to);
        sum +=
            backpropagation()
                .run(
                    part, () -> objective.loss(part, network, parameters, slice).mul((float) share))
                .getFloat();
      }
    }
    return sum;
  }

  private TrainerException diverged(String what) {
    optimizer.discardGradients();
    return new TrainerException(
        Reason.DIVERGED,
        "training diverged at step %d: %s; use a lower learning rate or other weights to start from"
            .formatted(step, what));
  }

  /**
   * Goes on from {@code state}, one of this run, with a data order of its own: what made the run
   * diverge is not repeated.
   */
  public void goBack(RunState state) {
    parameters.assign(state.raw());
    ema.assign(state.average(), state.optimizerSteps());
    optimizer.restore(state.optimizer());
    step = state.step();
    smoothedLoss = state.smoothedLoss();
    lossScale = state.lossScale();
    rollbacks++;
    drawn = recipe.redrawn(rollbacks);
    watch = new LossWatch();
  }

  /** How often {@link #goBack} was called, over all restarts. */
  public int rollbacks() {
    return rollbacks;
  }

  /** Images whose gradient is computed at once. */
  public int microBatch() {
    return Math.min(microBatch, recipe.batchSize());
  }

  /** Computes gradients of at most {@code images} at once. */
  public void limitMicroBatch(int images) {
    if (images < 1) {
      throw new IllegalArgumentException("micro-batch of " + images + " images");
    }
    microBatch = images;
  }

  /** Whether blocks are computed again for their gradient. */
  public boolean recomputes() {
    return recomputes;
  }

  /** Decides about {@link #recomputes}; {@link Recompute#AUTO} does not before memory has ended. */
  public void recompute(Recompute wish) {
    recomputes = wish == Recompute.ON;
  }

  /** The scale of the next step's gradients. */
  public LossScale lossScale() {
    return lossScale;
  }

  /** Whether all steps of the recipe are made. */
  public boolean finished() {
    return step >= recipe.steps();
  }

  /** Steps made. */
  public long stepsMade() {
    return step;
  }

  /** Exponentially smoothed training loss. */
  public double smoothedLoss() {
    return smoothedLoss;
  }

  /** The learning rate of the last step, 0 before the first. */
  public double lastLearningRate() {
    return learningRate;
  }

  /** Time that was waited for data so far. */
  public long dataWaitNanos() {
    return data.waitedNanos();
  }

  /** Samples that could not be decoded so far, and for which others stood in. */
  public int badSamples() {
    return data.badSamples();
  }

  public TrainingRecipe recipe() {
    return recipe;
  }

  /** The EMA weights, owned by this run. */
  public Parameters average() {
    return ema.average();
  }

  /** The raw weights, owned by this run. */
  public Parameters parameters() {
    return parameters;
  }

  /** A copy of everything that the next step depends on. */
  public RunState snapshot() {
    return snapshot(Arena.ofAuto());
  }

  /** As {@link #snapshot()}, in memory of {@code arena}: unreadable once that is closed. */
  public RunState snapshot(Arena arena) {
    return new RunState(
        step,
        smoothedLoss,
        rollbacks,
        lossScale,
        ema.average().snapshot(arena),
        parameters.snapshot(arena),
        optimizer.snapshot(arena));
  }

  @Override
  public void close() {
    optimizer.close();
    ema.close();
    parameters.close();
  }
}
