package org.skerry.diffusion.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import org.junit.jupiter.api.Test;

class KernelsGeluTest {
  /** {@code x Φ(x)} from tables of the normal distribution. */
  private static final float[][] KNOWN = {
    {0, 0},
    {1, 0.84134475f},
    {-1, -0.15865525f},
    {2, 1.95449974f},
    {-3, -0.00404969f},
  };

  @Test
  void erfFormIsTheExactOneAndTheTanhFormIsNot() {
    try (NDManager manager = Torch.newManager()) {
      for (float[] pair : KNOWN) {
        float exact = Kernels.geluErf(manager.create(new float[] {pair[0]})).getFloat(0);
        assertThat(exact).isCloseTo(pair[1], within(1e-6f));
      }
      float approximate = Kernels.gelu(manager.create(new float[] {2})).getFloat(0);
      assertThat(Math.abs(approximate - KNOWN[3][1])).isGreaterThan(5e-5f);
    }
  }
}
