package org.skerry.trainer.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.util.Map;
import org.skerry.diffusion.Batch;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.Objective;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.optimizer.Ema;
import org.skerry.diffusion.optimizer.Optimizer;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.torch.Torch;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;

/**
 * A network in training, one step at a time: batch, gradient, clipping, optimizer, moving average.
 * A step is a function of the state, the recipe and the data alone. Owned by one platform thread.
 */
public final class TrainingRun implements AutoCloseable {
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
    this.parameters = parameters;
    this.optimizer = optimizer;
    this.ema = ema;
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
   * Makes one step.
   *
   * @return the step's loss
   * @throws TrainerException {@link Reason#DIVERGED} when loss or gradient is not finite; the
   *     weights are then as before the step
   * @throws IOException when the data cannot be read
   */
  public double step() throws IOException {
    try (NDManager scratch = parameters.manager().newSubManager()) {
      Batch batch = data.batch(scratch, recipe, step);
      NDArray loss =
          Torch.backward(scratch, () -> objective.loss(scratch, network, parameters, batch));
      double value = loss.getFloat();
      if (!Double.isFinite(value)) {
        throw diverged("the loss is " + value);
      }
      learningRate = recipe.learningRateAt(step, optimizer.steps());
      double norm = optimizer.step(learningRate);
      if (!Double.isFinite(norm)) {
        throw diverged("the gradient's norm is " + norm);
      }
      ema.update();
      smoothedLoss =
          optimizer.steps() == 1 ? value : smoothedLoss + LOSS_SMOOTHING * (value - smoothedLoss);
      step++;
      return value;
    }
  }

  private TrainerException diverged(String what) {
    return new TrainerException(
        Reason.DIVERGED,
        "training diverged at step %d: %s; use a lower learning rate or other weights to start from"
            .formatted(step, what));
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
    return new RunState(
        step, smoothedLoss, ema.average().snapshot(), parameters.snapshot(), optimizer.snapshot());
  }

  @Override
  public void close() {
    optimizer.close();
    ema.close();
    parameters.close();
  }
}
