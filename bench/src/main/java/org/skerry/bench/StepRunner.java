package org.skerry.bench;

import java.util.List;

/** Something that makes training steps on the same batches in the same order. */
interface StepRunner extends AutoCloseable {
  /**
   * What some steps cost.
   *
   * @param cpuSeconds of all threads of its process
   */
  record Cost(double cpuSeconds, double seconds, List<Double> losses) {}

  Cost run(int steps) throws Exception;

  @Override
  void close() throws Exception;
}
