package org.skerry.node.estimate;

import java.io.IOException;
import org.skerry.trainer.worker.job.MeasureResult;

/** Measures how fast this computer trains a unit's network. */
@FunctionalInterface
public interface SpeedMeter {
  /**
   * Trains for a few seconds; ends soon when the thread is interrupted.
   *
   * @param batch images a step, at most the unit's
   * @param recomputes whether blocks are computed again for their gradient
   */
  MeasureResult measure(UnitPlan plan, int batch, boolean recomputes)
      throws IOException, InterruptedException;
}
