package org.skerry.diffusion.optimizer;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.safetensors.ElementType;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.torch.HostTensors;
import org.skerry.diffusion.torch.Kernels;
import org.skerry.diffusion.torch.Torch;

/**
 * AdamW (Loshchilov and Hutter, arXiv 1711.05101) after clipping the gradients to a global norm,
 * with PyTorch's arithmetic:
 *
 * <pre>
 * g ← g · min(1, maxNorm / (‖g‖ + 1e-6))
 * p ← p · (1 - lr · weightDecay)
 * m ← β1 m + (1 - β1) g,   v ← β2 v + (1 - β2) g²
 * p ← p - lr / (1 - β1ⁿ) · m / (√v / √(1 - β2ⁿ) + ε)
 * </pre>
 *
 * <p>A step whose gradient norm is not finite changes nothing, and its norm says so. Owned by the
 * thread that trains.
 */
public final class AdamW implements AutoCloseable {
  private static final String FIRST = "exp_avg.";
  private static final String SECOND = "exp_avg_sq.";
  private static final String STEP = "step";

  /**
   * What does not change from step to step.
   *
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

  private final Settings settings;
  private final NDManager manager;
  private final List<String> names;
  private final List<NDArray> arrays = new ArrayList<>();
  private final NDArray step;

  /** An optimizer at step 0 that moves {@code parameters}, which must require gradients. */
  public AdamW(Parameters parameters, Settings settings) {
    this.settings = settings;
    manager = parameters.manager().newSubManager();
    Map<String, NDArray> trainable = parameters.trainable();
    names = List.copyOf(trainable.keySet());
    arrays.addAll(trainable.values());
    for (String name : List.of(Kernels.FIRST_MOMENT, Kernels.SECOND_MOMENT)) {
      for (NDArray parameter : trainable.values()) {
        NDArray zeros = manager.zeros(parameter.getShape());
        zeros.setName(name);
        arrays.add(zeros);
      }
    }
    step = manager.create(0f);
  }

  /**
   * Moves the parameters along their gradients and zeroes these.
   *
   * @param learningRate of this step
   * @return the gradients' global norm before clipping; not finite when the step was left out
   */
  public double step(double learningRate) {
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
                  settings.maxGradientNorm()
                });
        var all = new ArrayList<>(arrays);
        for (NDArray parameter : arrays.subList(0, names.size())) {
          NDArray gradient = parameter.getGradient();
          gradient.attach(scratch);
          gradient.setName(Kernels.GRADIENT);
          all.add(gradient);
        }
        return (double) Kernels.adamw(numbers, step, all).getFloat();
      }
    });
  }

  /** How many steps were made. */
  public long steps() {
    return (long) step.getFloat();
  }

  /**
   * A copy of the state: {@code exp_avg.<name>}, {@code exp_avg_sq.<name>} and the scalar {@code
   * step}.
   */
  public Map<String, HostTensor> snapshot() {
    var out = new LinkedHashMap<String, HostTensor>();
    state().forEach((name, array) -> out.put(name, HostTensors.copyOf(array)));
    return out;
  }

  /**
   * Takes over a state that {@link #snapshot} gave.
   *
   * @throws IllegalArgumentException when a tensor is missing, unknown or of another shape
   */
  public void restore(Map<String, HostTensor> tensors) {
    Map<String, NDArray> state = state();
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
  public void close() {
    manager.close();
  }

  private Map<String, NDArray> state() {
    var out = new LinkedHashMap<String, NDArray>();
    int count = names.size();
    for (int i = 0; i < count; i++) {
      out.put(FIRST + names.get(i), arrays.get(count + i));
      out.put(SECOND + names.get(i), arrays.get(2 * count + i));
    }
    out.put(STEP, step);
    return out;
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
