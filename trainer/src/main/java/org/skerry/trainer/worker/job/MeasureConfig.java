package org.skerry.trainer.worker.job;

import java.util.Map;

/**
 * Configuration of {@link MeasureJob}.
 *
 * @param network as {@link org.skerry.diffusion.NetworkConfig#toProperties} writes it
 * @param batchSize images a step
 * @param threads of libtorch
 * @param seconds to measure for, after warm-up
 */
public record MeasureConfig(
    Map<String, String> network, int batchSize, int threads, double seconds) {
  public MeasureConfig {
    network = Map.copyOf(network);
    if (batchSize < 1 || threads < 1 || !(seconds > 0 && seconds <= 600)) {
      throw new IllegalArgumentException("batch, threads or seconds is out of range");
    }
  }
}
