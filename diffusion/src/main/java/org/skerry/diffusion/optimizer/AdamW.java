package org.skerry.diffusion.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.torch.Kernels;

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
 * <p>Its state is {@code exp_avg.<name>} and {@code exp_avg_sq.<name>}.
 */
public final class AdamW extends Optimizer {
  static final String FIRST = "exp_avg.";
  static final String SECOND = "exp_avg_sq.";

  private final List<NDArray> parameters;
  private final List<NDArray> arrays;

  /** An optimizer at step 0 that moves {@code parameters}, which must require gradients. */
  public AdamW(Parameters parameters, Settings settings) {
    super(parameters, settings);
    Map<String, NDArray> trainable = parameters.trainable();
    this.parameters = List.copyOf(trainable.values());
    arrays = new ArrayList<>(this.parameters);
    arrays.addAll(zeros(FIRST, trainable, Kernels.FIRST_MOMENT));
    arrays.addAll(zeros(SECOND, trainable, Kernels.SECOND_MOMENT));
  }

  @Override
  NDArray update(NDManager scratch, NDArray numbers, NDArray step) {
    var all = new ArrayList<>(arrays);
    all.addAll(gradients(parameters, scratch, Kernels.GRADIENT));
    return Kernels.adamw(numbers, step, all);
  }
}
