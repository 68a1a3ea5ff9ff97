package org.skerry.trainer.training;

/**
 * Tells a loss that ran away from one that is only noisy: the mean of about the last ten steps is
 * compared with mean and deviation of about the last two hundred.
 *
 * <p>It has no state on disk: after a restart it learns anew what is usual.
 */
final class LossWatch {
  /** Steps before it says anything: training begins with its largest losses. */
  static final int QUIET_STEPS = 100;

  private static final double FAST = 0.1;
  private static final double SLOW = 0.005;
  private static final double DEVIATIONS = 6;
  private static final double FACTOR = 2;

  private long steps;
  private double fast;
  private double mean;
  private double variance;

  /** Takes in the loss of a step; true when losses have run away. */
  boolean ranAway(double loss) {
    if (!Double.isFinite(loss)) {
      return true;
    }
    steps++;
    // The plain mean at first, an exponential one later.
    double slowRate = Math.max(SLOW, 1.0 / steps);
    double fastRate = Math.max(FAST, 1.0 / steps);
    fast += fastRate * (loss - fast);
    if (steps > QUIET_STEPS
        && fast > FACTOR * mean
        && fast > mean + DEVIATIONS * Math.sqrt(variance)) {
      return true;
    }
    // Bounded, or losses that grow would widen what counts as usual as fast as they grow.
    double off = (steps == 1 ? loss : Math.min(loss, 2 * FACTOR * mean)) - mean;
    mean += slowRate * off;
    variance = (1 - slowRate) * (variance + slowRate * off * off);
    return false;
  }

  /** What the last steps lost on average. */
  double recent() {
    return fast;
  }

  /** What is usual. */
  double usual() {
    return mean;
  }
}
