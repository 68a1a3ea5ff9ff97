package org.skerry.trainer.training;

/**
 * The factor by which gradients are computed too large, so that small ones do not vanish in
 * float16, with the rule of PyTorch's {@code GradScaler}:
 *
 * <pre>
 * gradients finite, 2,000th time in a row → factor · 2, count 0
 * gradients finite                        → count + 1
 * gradients not finite                    → factor / 2, count 0; the step is left out
 * </pre>
 *
 * <p>Other than there, the factor stays between 1, below which the gradients themselves would be
 * too large for float16, and 2³².
 *
 * @param factor a power of two, so that it rounds nothing
 * @param goodSteps in a row since the factor changed
 */
public record LossScale(double factor, int goodSteps) {
  /** What needs no scale. */
  public static final LossScale NONE = new LossScale(1, 0);

  /** Where a run in float16 begins. */
  public static final LossScale INITIAL = new LossScale(0x1p16, 0);

  /** Good steps in a row after which the factor doubles. */
  public static final int GROWTH_INTERVAL = 2_000;

  private static final double LARGEST = 0x1p32;

  public LossScale {
    if (!(factor >= 1 && factor <= LARGEST)
        || factor != Math.scalb(1.0, Math.getExponent(factor))) {
      throw new IllegalArgumentException("loss scale " + factor + " is no power of two in 1..2^32");
    }
    if (goodSteps < 0 || goodSteps >= GROWTH_INTERVAL) {
      throw new IllegalArgumentException("good steps " + goodSteps + " not in 0..1999");
    }
  }

  /** Whether it cannot become smaller. */
  public boolean isSmallest() {
    return factor == 1;
  }

  /** The scale of the next step, after one whose gradients were all finite, or not. */
  public LossScale after(boolean finite) {
    if (!finite) {
      return new LossScale(Math.max(1, factor / 2), 0);
    }
    return goodSteps + 1 < GROWTH_INTERVAL
        ? new LossScale(factor, goodSteps + 1)
        : new LossScale(Math.min(LARGEST, factor * 2), 0);
  }
}
