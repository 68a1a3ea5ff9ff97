package org.skerry.diffusion.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.torch.Kernels;
import org.skerry.diffusion.torch.Torch;

/**
 * An exponential moving average of parameters: {@code e ← e + (1 - d) (p - e)}, with {@code d =
 * min(decay, (1 + n) / (10 + n))} at update n = 1, 2, …
 *
 * <p>The warm-up keeps the initial weights from lasting in short runs. Owned by the thread that
 * trains.
 */
public final class Ema implements AutoCloseable {
  private final double decay;
  private final List<NDArray> source;
  private final Parameters average;
  private final List<NDArray> target;
  private long updates;

  /** An average that starts as a copy of {@code source}. */
  public Ema(Parameters source, double decay) {
    this(source, source.copy(source.manager()), decay, 0);
  }

  /** An average that goes on from {@code average}, which it owns, after {@code updates}. */
  public Ema(Parameters source, Parameters average, double decay, long updates) {
    if (!(decay >= 0 && decay < 1)) {
      throw new IllegalArgumentException("decay " + decay + " not in [0, 1)");
    }
    if (updates < 0) {
      throw new IllegalArgumentException("update count " + updates + " is negative");
    }
    this.decay = decay;
    this.source =
        Optimizer.handles(
            average.manager(), new ArrayList<>(source.trainable().values()), Kernels.SOURCE);
    this.average = average;
    this.target = new ArrayList<>(average.trainable().values());
    this.updates = updates;
  }

  /** Takes in the parameters as they are now. */
  public void update() {
    updates++;
    double rate = 1 - decayAt(decay, updates);
    Torch.withoutGradients(() -> {
      try (NDManager scratch = average.manager().newSubManager()) {
        NDArray weight = scratch.create(rate);
        Kernels.lerpAll(weight, target, source);
        return weight;
      }
    });
  }

  /** Goes on from other values, after {@code made} updates. */
  public void assign(Map<String, HostTensor> values, long made) {
    average.assign(values);
    updates = made;
  }

  /** {@code min(decay, (1 + n) / (10 + n))}. */
  static double decayAt(double decay, long n) {
    return Math.min(decay, (1.0 + n) / (10.0 + n));
  }

  /** The average, owned by this object. */
  public Parameters average() {
    return average;
  }

  /** How many updates were made. */
  public long updates() {
    return updates;
  }

  @Override
  public void close() {
    average.close();
  }
}
