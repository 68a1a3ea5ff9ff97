package org.skerry.trainer.training;

import java.util.Map;
import org.skerry.diffusion.safetensors.HostTensor;

/**
 * A run between two steps, in plain memory: everything that its next step depends on.
 *
 * @param step steps made
 * @param smoothedLoss as reported
 * @param average EMA weights by parameter name
 * @param raw weights by parameter name
 * @param optimizer as {@link org.skerry.diffusion.optimizer.Optimizer#snapshot} names them
 */
public record RunState(
    long step,
    double smoothedLoss,
    Map<String, HostTensor> average,
    Map<String, HostTensor> raw,
    Map<String, HostTensor> optimizer) {
  public RunState {
    if (step < 0) {
      throw new IllegalArgumentException("step " + step + " is negative");
    }
  }
}
