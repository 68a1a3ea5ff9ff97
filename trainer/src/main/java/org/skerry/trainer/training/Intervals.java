package org.skerry.trainer.training;

import java.time.Duration;

/**
 * How often a loop does what it does besides training.
 *
 * @param checkpoint between two checkpoints, which bound what a crash loses
 * @param snapshot between two snapshots to publish
 * @param progress between two progress events
 */
public record Intervals(Duration checkpoint, Duration snapshot, Duration progress) {
  public Intervals {
    if (!checkpoint.isPositive() || !snapshot.isPositive() || !progress.isPositive()) {
      throw new IllegalArgumentException("intervals must be positive");
    }
  }
}
