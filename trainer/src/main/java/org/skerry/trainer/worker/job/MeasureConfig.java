package org.skerry.trainer.worker.job;

import java.util.Map;
import org.skerry.diffusion.optimizer.Optimizer;
import org.skerry.diffusion.torch.Precision;
import org.skerry.trainer.training.Recompute;

/**
 * Configuration of {@link MeasureJob}.
 *
 * @param network as {@link org.skerry.diffusion.NetworkConfig#toProperties} writes it
 * @param optimizer rule to train by
 * @param precision of matrix products
 * @param recompute as {@link TrainConfig#recompute}
 * @param batchSize images a step
 * @param device as {@link TrainConfig#device}
 * @param threads of libtorch
 * @param seconds to measure for, after a warm-up that takes as long at most; one step is always
 *     measured
 * @param textTokens of the texts that the network looks at; 0 where it reads none
 */
public record MeasureConfig(
    Map<String, String> network,
    Optimizer.Rule optimizer,
    Precision precision,
    Recompute recompute,
    int batchSize,
    String device,
    int threads,
    double seconds,
    int textTokens) {
  /** For a network that reads no texts. */
  public MeasureConfig(
      Map<String, String> network,
      Optimizer.Rule optimizer,
      Precision precision,
      Recompute recompute,
      int batchSize,
      String device,
      int threads,
      double seconds) {
    this(network, optimizer, precision, recompute, batchSize, device, threads, seconds, 0);
  }

  public MeasureConfig {
    network = Map.copyOf(network);
    TorchDevice.requireName(device);
    if (textTokens < 0 || batchSize < 1 || threads < 1 || !(seconds > 0 && seconds <= 600)) {
      throw new IllegalArgumentException("batch, threads, seconds or tokens is out of range");
    }
  }
}
