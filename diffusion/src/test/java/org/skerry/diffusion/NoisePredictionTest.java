package org.skerry.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.diffusion.torch.Torch;

class NoisePredictionTest {
  private static final double MEAN = 0.7;
  private static final double VARIANCE = 0.25;

  /** On both paths a Gaussian's best predictions are known in closed form. */
  @ParameterizedTest
  @ValueSource(floats = {0.02f, 0.1f, 0.4f, 0.5f, 0.75f, 0.98f})
  void bestNoiseOfAGaussianBecomesItsVelocity(float t) {
    float[] points = {-1.5f, 0, 0.7f, 2};
    try (NDManager manager = Torch.newManager()) {
      NDArray x = manager.create(points, new Shape(4, 1, 1, 1));
      NDArray times = manager.full(new Shape(4), t);
      float[] velocity =
          NoisePrediction.field((z, step) -> bestNoise(z, step)).at(x, times).toFloatArray();
      for (int i = 0; i < points.length; i++) {
        double total = (1 - t) * (1 - t) * VARIANCE + t * t;
        double centred = points[i] - (1 - t) * MEAN;
        double noise = t * centred / total;
        double x0 = MEAN + (1 - t) * VARIANCE * centred / total;
        assertThat((double) velocity[i]).isCloseTo(noise - x0, within(2e-3));
      }
    }
  }

  @Test
  void endsOfTheScheduleBoundTheSteps() {
    try (NDManager manager = Torch.newManager()) {
      NDArray x = manager.zeros(new Shape(2, 1, 1, 1));
      NDArray[] seen = new NDArray[1];
      NDArray v =
          NoisePrediction.field(
                  (z, step) -> {
                    seen[0] = step;
                    return z.onesLike();
                  })
              .at(x, manager.create(new float[] {0, 1}));
      assertThat(seen[0].toFloatArray()).containsExactly(0, 999);
      // At t = 1 the divisor stops at 0.01, which puts x̂_0 at -100, and that stops at -20.
      assertThat(v.toFloatArray()).containsExactly(1, 21);
    }
  }

  @Test
  void refusesNetworksThatPredictVelocities() {
    Dit sit = new Dit(DitSize.S.config(DitConvention.SIT, 8, 4, 8, 0, false));
    try (NDManager manager = Torch.newManager();
        Parameters p =
            Parameters.initialise(
                new Dit(new DitConfig(1, 4, 2, 8, 1, 2, 16, 0, false)), manager, 1)) {
      assertThatThrownBy(() -> NoisePrediction.field(sit, p, 0))
          .hasMessageContaining("only networks in DiT's convention");
    }
  }

  private static NDArray bestNoise(NDArray z, NDArray step) {
    float[] steps = step.toFloatArray();
    float[] points = z.toFloatArray();
    float[] noise = new float[points.length];
    for (int i = 0; i < points.length; i++) {
      double alphaBar = alphaBar(steps[i]);
      double total = alphaBar * VARIANCE + 1 - alphaBar;
      noise[i] =
          (float) (Math.sqrt(1 - alphaBar) * (points[i] - Math.sqrt(alphaBar) * MEAN) / total);
    }
    return z.getManager().create(noise, z.getShape());
  }

  /** Between whole steps as between their logarithms. */
  private static double alphaBar(float step) {
    int whole = (int) Math.floor(step);
    double log = 0;
    for (int s = 0; s <= whole; s++) {
      log += Math.log1p(-beta(s));
    }
    log += whole < 999 ? (step - whole) * Math.log1p(-beta(whole + 1)) : 0;
    return Math.exp(log);
  }

  private static double beta(int step) {
    return 1e-4 + (0.02 - 1e-4) * step / 999;
  }
}
