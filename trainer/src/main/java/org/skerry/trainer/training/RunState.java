package org.skerry.trainer.training;

import java.util.Map;
import java.util.Objects;
import org.skerry.diffusion.safetensors.HostTensor;

/**
 * A run between two steps, in plain memory: everything that its next step depends on.
 *
 * @param step steps made
 * @param smoothedLoss as reported
 * @param rollbacks how often the run went back to a checkpoint, and drew another order since
 * @param lossScale of the next step's gradients
 * @param average EMA weights by parameter name
 * @param raw weights by parameter name
 * @param optimizer as {@link org.skerry.diffusion.optimizer.Optimizer#snapshot} names them
 */
public record RunState(
    long step,
    double smoothedLoss,
    int rollbacks,
    LossScale lossScale,
    Map<String, HostTensor> average,
    Map<String, HostTensor> raw,
    Map<String, HostTensor> optimizer) {
  public RunState {
    if (step < 0 || rollbacks < 0) {
      throw new IllegalArgumentException(
          "step " + step + " or rollbacks " + rollbacks + " is negative");
    }
  }

  /** Steps that the optimizer's moments have seen. */
  long optimizerSteps() {
    return (long) Objects.requireNonNull(optimizer.get("step"), "no step").floats()[0];
  }
}
