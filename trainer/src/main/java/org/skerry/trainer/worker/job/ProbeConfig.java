package org.skerry.trainer.worker.job;

/**
 * Configuration of {@link ProbeJob}.
 *
 * @param device as {@link TrainConfig#device}
 */
public record ProbeConfig(String device) {
  public ProbeConfig {
    TorchDevice.requireName(device);
  }
}
