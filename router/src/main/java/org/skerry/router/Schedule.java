package org.skerry.router;

/**
 * The times at which a sampler evaluates the field, from noise at 1 to data at 0.
 *
 * @param steps intervals
 * @param shift 1 for equal steps; more spends more of them near the noise, {@code t' = s t / (1 +
 *     (s - 1) t)} (Esser et al., arXiv 2403.03206, section 5.3.2)
 */
public record Schedule(int steps, double shift) {
  private static final int MAX_STEPS = 10_000;
  private static final double MAX_SHIFT = 100;

  public Schedule {
    if (steps < 1 || steps > MAX_STEPS) {
      throw new IllegalArgumentException("step count " + steps + " not in 1.." + MAX_STEPS);
    }
    if (!(shift >= 1 / MAX_SHIFT && shift <= MAX_SHIFT)) {
      throw new IllegalArgumentException("shift " + shift + " not in 0.01..100");
    }
  }

  /** Equal steps. */
  public static Schedule even(int steps) {
    return new Schedule(steps, 1);
  }

  /** {@code steps + 1} times that fall from 1 to 0. */
  double[] times() {
    double[] out = new double[steps + 1];
    for (int i = 0; i < steps; i++) {
      double t = 1 - (double) i / steps;
      out[i] = shift * t / (1 + (shift - 1) * t);
    }
    return out;
  }

  /**
   * The last of {@link #times}, for changing an image instead of making one.
   *
   * @param strength share of the steps that are made, in (0, 1]
   */
  double[] times(double strength) {
    if (!(strength > 0 && strength <= 1)) {
      throw new IllegalArgumentException("strength " + strength + " not in (0, 1]");
    }
    int made = Math.clamp(Math.round(steps * strength), 1, steps);
    double[] all = times();
    double[] out = new double[made + 1];
    System.arraycopy(all, steps - made, out, 0, made + 1);
    return out;
  }
}
