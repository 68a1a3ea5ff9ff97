package org.skerry.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/**
 * Reads a network that predicts noise on DDPM's path, as the published DiT do, as a velocity on
 * {@link FlowPath}.
 *
 * <p>DDPM (Ho et al., arXiv 2006.11239) has {@code z_s = √ᾱ_s x_0 + √(1 - ᾱ_s) ε} at steps {@code s
 * = 0…999}, {@code ᾱ_s = Π_{i ≤ s} (1 - β_i)}, with β here from 1e-4 to 0.02 in a straight line. A
 * point {@code x_t} is that point but for a factor where the ratios of noise to data agree, {@code
 * √(1 - ᾱ_s) / √ᾱ_s = t / (1 - t)}, so {@code z_s = x_t · √ᾱ_s / (1 - t)}, {@code x̂_0 = (x_t - t
 * ε̂) / (1 - t)} and {@code v = ε̂ - x̂_0}. As mixtures with such experts do (arXiv 2603.06741),
 * {@code 1 - t} is kept from going below 0.01 in the quotient, and {@code x̂_0} within ±20.
 *
 * <p>Steps between two whole ones are interpolated in {@code log} of the ratio; the schedule's ends
 * bound them: t from 0.00990 to 0.99368.
 */
public final class NoisePrediction {
  private static final int STEPS = 1000;
  private static final double MIN_ALPHA = 0.01;
  private static final float MAX_X0 = 20;
  private static final double[] LOG_RATIOS = logRatios();

  private NoisePrediction() {}

  /**
   * A network's noise at a step: {@code z [batch, …]}, {@code step [batch]} to {@code [batch, …]}.
   */
  @FunctionalInterface
  interface Denoiser {
    NDArray noise(NDArray z, NDArray step);
  }

  /**
   * The velocity field of a published DiT's weights.
   *
   * @param label a class, or {@link NetworkConfig#nullLabel}
   * @throws IllegalArgumentException when the network follows SiT's convention, whose published
   *     weights predict velocities already
   */
  public static VelocityField field(Dit dit, Parameters p, int label) {
    if (dit.config().convention() != DitConvention.DIT) {
      throw new IllegalArgumentException("only networks in DiT's convention predict noise");
    }
    // Dit's own time is the step over 1000, and what it calls a velocity is its output.
    VelocityField output = dit.field(p, label);
    return field((z, step) -> output.at(z, step.div((float) STEPS)));
  }

  static VelocityField field(Denoiser denoiser) {
    return (x, t) -> {
      float[] times = t.toFloatArray();
      int rows = times.length;
      float[] steps = new float[rows];
      float[] inputScale = new float[rows];
      float[] alpha = new float[rows];
      for (int i = 0; i < rows; i++) {
        double logRatio = Math.log(times[i]) - Math.log1p(-times[i]);
        double clamped = Math.clamp(logRatio, LOG_RATIOS[0], LOG_RATIOS[STEPS - 1]);
        steps[i] = (float) step(clamped);
        // √ᾱ = 1 / √(1 + ratio²), so √ᾱ / (1 - t) = 1 / √((1 - t)² + t²), also where t is 1.
        inputScale[i] = (float) (1 / Math.hypot(1 - times[i], times[i]));
        alpha[i] = (float) Math.max(1 - times[i], MIN_ALPHA);
      }
      Shape column = columnOf(x);
      NDArray z = x.mul(x.getManager().create(inputScale, column));
      NDArray noise = denoiser.noise(z, x.getManager().create(steps));
      NDArray x0 =
          x.sub(noise.mul(t.reshape(column)))
              .div(x.getManager().create(alpha, column))
              .clip(-MAX_X0, MAX_X0);
      return noise.sub(x0);
    };
  }

  /** The step, between whole ones, at which {@code log(√(1 - ᾱ) / √ᾱ)} is {@code logRatio}. */
  static double step(double logRatio) {
    int low = 0;
    int high = STEPS - 1;
    while (high - low > 1) {
      int middle = (low + high) / 2;
      if (LOG_RATIOS[middle] <= logRatio) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low + (logRatio - LOG_RATIOS[low]) / (LOG_RATIOS[high] - LOG_RATIOS[low]);
  }

  private static Shape columnOf(NDArray x) {
    long[] sides = new long[x.getShape().dimension()];
    Arrays.fill(sides, 1);
    sides[0] = x.getShape().get(0);
    return new Shape(sides);
  }

  private static double[] logRatios() {
    var out = new double[STEPS];
    double logAlphaBar = 0;
    for (int s = 0; s < STEPS; s++) {
      double beta = 1e-4 + (0.02 - 1e-4) * s / (STEPS - 1);
      logAlphaBar += Math.log1p(-beta);
      out[s] = 0.5 * (Math.log(-Math.expm1(logAlphaBar)) - logAlphaBar);
    }
    return out;
  }
}
