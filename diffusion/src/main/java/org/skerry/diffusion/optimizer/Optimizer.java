package org.skerry.diffusion.optimizer;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.ParameterSpec;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.safetensors.ElementType;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.torch.HostTensors;
import org.skerry.diffusion.torch.Kernels;
import org.skerry.diffusion.torch.Torch;

/**
 * Moves a network's parameters along their gradients, which it clips to a global norm first. Owned
 * by the thread that trains.
 *
 * <p>A step whose gradient norm is not finite changes nothing, and its norm says so.
 */
public abstract sealed class Optimizer implements AutoCloseable permits AdamW, Muon {
  private static final String STEP = "step";

  /**
   * What does not change from step to step.
   *
   * @param beta1 decay of Adam's first moment
   * @param beta2 decay of Adam's second moment
   * @param epsilon of Adam's denominator
   * @param weightDecay decoupled: times the learning rate
   * @param maxGradientNorm to which the global norm is clipped; infinite to leave it
   */
  public record Settings(
      double beta1, double beta2, double epsilon, double weightDecay, double maxGradientNorm) {
    public Settings {
      if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) {
        throw new IllegalArgumentException("betas " + beta1 + ", " + beta2 + " not in [0, 1)");
      }
      if (!(epsilon > 0) || !(weightDecay >= 0) || !(maxGradientNorm > 0)) {
        throw new IllegalArgumentException(
            "epsilon %s, weight decay %s or gradient norm %s is out of range"
                .formatted(epsilon, weightDecay, maxGradientNorm));
      }
    }

    /** Betas 0.9 and 0.99, no weight decay, norm 1: what suits runs of a few hundred steps. */
    public static Settings shortRun() {
      return new Settings(0.9, 0.99, 1e-8, 0, 1);
    }
  }

  /** The rules by the names that recipes know them by. */
  public enum Rule {
    ADAMW,
    MUON;

    /** An optimizer at step 0 that moves {@code parameters}, which must require gradients. */
    public Optimizer create(Parameters parameters, Settings settings) {
      return switch (this) {
        case ADAMW -> new AdamW(parameters, settings);
        case MUON -> new Muon(parameters, settings);
      };
    }

    /** The names of all tensors of the state that {@link #snapshot} gives. */
    public Set<String> stateNames(Network network) {
      Set<String> hidden = this == MUON ? Set.copyOf(Muon.hidden(network)) : Set.of();
      Set<String> out = new LinkedHashSet<>(Set.of(STEP));
      for (ParameterSpec spec : network.parameters()) {
        if (hidden.contains(spec.name())) {
          out.add(Muon.MOMENTUM + spec.name());
        } else if (spec.trainable()) {
          out.add(AdamW.FIRST + spec.name());
          out.add(AdamW.SECOND + spec.name());
        }
      }
      return out;
    }
  }

  private final Parameters parameters;
  private final Settings settings;
  final NDManager manager;
  private final Map<String, NDArray> state = new LinkedHashMap<>();
  private final NDArray step;

  Optimizer(Parameters parameters, Settings settings) {
    this.parameters = parameters;
    this.settings = settings;
    manager = parameters.manager().newSubManager();
    step = manager.create(0f);
    state.put(STEP, step);
  }

  /**
   * Zeros shaped as each of {@code parameters}, kept as state {@code prefix + name}.
   *
   * @param kernelName as which the kernels know them
   */
  final List<NDArray> zeros(String prefix, Map<String, NDArray> parameters, String kernelName) {
    var out = new ArrayList<NDArray>();
    parameters.forEach((name, parameter) -> {
      NDArray zeros = manager.zeros(parameter.getShape());
      zeros.setName(kernelName);
      state.put(prefix + name, zeros);
      out.add(zeros);
    });
    return out;
  }

  /** The tensors of {@code arrays} under handles of their own, so that a kernel can tell lists. */
  static List<NDArray> handles(NDManager manager, List<NDArray> arrays, String kernelName) {
    return Torch.withoutGradients(() -> {
      var out = new ArrayList<NDArray>();
      for (NDArray array : arrays) {
        NDArray handle = array.reshape(array.getShape());
        handle.attach(manager);
        handle.setName(kernelName);
        out.add(handle);
      }
      return out;
    });
  }

  /** The gradients of {@code parameters}, which live until {@code scratch} closes. */
  static List<NDArray> gradients(
      Collection<NDArray> parameters, NDManager scratch, String kernelName) {
    var out = new ArrayList<NDArray>();
    for (NDArray parameter : parameters) {
      NDArray gradient = parameter.getGradient();
      gradient.attach(scratch);
      gradient.setName(kernelName);
      out.add(gradient);
    }
    return out;
  }

  /**
   * Makes a step and zeroes the gradients.
   *
   * @param numbers float64 {@code [learning rate, beta1, beta2, weight decay, epsilon, max norm,
   *     gradient factor]}
   * @param step a float32 scalar, to be incremented
   * @return the gradients' norm before clipping, a scalar
   */
  abstract NDArray update(NDManager scratch, NDArray numbers, NDArray step);

  /**
   * Moves the parameters along their gradients and zeroes these.
   *
   * @param learningRate of this step
   * @return the gradients' global norm before clipping; not finite when the step was left out
   */
  public final double step(double learningRate) {
    return step(learningRate, 1);
  }

  /**
   * As {@link #step(double)} with gradients that are {@code scale} times too large: a power of two,
   * so that nothing is rounded.
   */
  public final double step(double learningRate, double scale) {
    return Torch.withoutGradients(() -> {
      try (NDManager scratch = manager.newSubManager()) {
        NDArray numbers =
            scratch.create(
                new double[] {
                  learningRate,
                  settings.beta1(),
                  settings.beta2(),
                  settings.weightDecay(),
                  settings.epsilon(),
                  settings.maxGradientNorm(),
                  1 / scale
                });
        return (double) update(scratch, numbers, step).getFloat();
      }
    });
  }

  /** Zeroes the gradients without moving anything. */
  public final void discardGradients() {
    Torch.withoutGradients(() -> {
      try (NDManager scratch = manager.newSubManager()) {
        Kernels.zeroAll(gradients(parameters.trainable().values(), scratch, Kernels.GRADIENT));
        return true;
      }
    });
  }

  /** How many steps were made. */
  public final long steps() {
    return (long) step.getFloat();
  }

  /** A copy of the state: the scalar {@code step}, and what the rule keeps of each parameter. */
  public final Map<String, HostTensor> snapshot() {
    return snapshot(Arena.ofAuto());
  }

  /** As {@link #snapshot()}, in memory of {@code arena}: unreadable once that is closed. */
  public final Map<String, HostTensor> snapshot(Arena arena) {
    var out = new LinkedHashMap<String, HostTensor>();
    state.forEach((name, array) -> out.put(name, HostTensors.copyOf(array, arena)));
    return out;
  }

  /**
   * Takes over a state that {@link #snapshot} gave.
   *
   * @throws IllegalArgumentException when a tensor is missing, unknown or of another shape
   */
  public final void restore(Map<String, HostTensor> tensors) {
    for (String name : tensors.keySet()) {
      if (!state.containsKey(name)) {
        throw new IllegalArgumentException("optimizer state has the unknown tensor " + name);
      }
    }
    state.forEach((name, array) -> requireAlike(name, array, tensors.get(name)));
    try (NDManager scratch = manager.newSubManager()) {
      tensors.forEach((name, tensor) ->
          HostTensors.toArray(scratch, tensor).copyTo(requireNonNull(state.get(name))));
    }
  }

  @Override
  public final void close() {
    manager.close();
  }

  private static void requireAlike(String name, NDArray array, @Nullable HostTensor tensor) {
    if (tensor == null) {
      throw new IllegalArgumentException("optimizer state lacks " + name);
    }
    Shape shape = new Shape(tensor.shape().stream().mapToLong(Long::longValue).toArray());
    if (tensor.type() != ElementType.F32 || !array.getShape().equals(shape)) {
      throw new IllegalArgumentException(
          "optimizer state %s is %s%s, not F32%s"
              .formatted(name, tensor.type(), shape, array.getShape()));
    }
  }
}
