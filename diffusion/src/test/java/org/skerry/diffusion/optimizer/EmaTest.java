package org.skerry.diffusion.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import org.junit.jupiter.api.Test;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.UNetClassifierConfig;
import org.skerry.diffusion.torch.Torch;

class EmaTest {
  private final Network network = Network.of(new UNetClassifierConfig(1, 2, 1, 1, 1, 1, 2));

  @Test
  void decayWarmsUpToItsLimit() {
    assertThat(Ema.decayAt(0.99, 1)).isEqualTo(2.0 / 11);
    assertThat(Ema.decayAt(0.99, 90)).isEqualTo(0.91);
    assertThat(Ema.decayAt(0.99, 100_000)).isEqualTo(0.99);
  }

  @Test
  void averageFollowsItsFormulaAndLeavesItsSource() {
    try (NDManager manager = Torch.newManager()) {
      Parameters p = Parameters.initialise(network, manager, 1);
      p.requiresGradient(true);
      try (var ema = new Ema(p, 0.3)) {
        double want = p.get("head.bias").toFloatArray()[0];
        for (int n = 1; n <= 5; n++) {
          int value = n;
          Torch.withoutGradients(() -> p.get("head.bias").muli(0).addi(value));
          ema.update();
          double d = Math.min(0.3, (1.0 + n) / (10.0 + n));
          want += (1 - d) * (n - want);
          assertThat((double) ema.average().get("head.bias").toFloatArray()[0])
              .isCloseTo(want, within(1e-5));
        }
        assertThat(p.get("head.bias").toFloatArray()).containsOnly(5f);
        assertThat(ema.updates()).isEqualTo(5);
      }
    }
  }

  @Test
  void restoredAverageGoesOnAsIfNeverStopped() {
    try (NDManager manager = Torch.newManager()) {
      Parameters p = Parameters.initialise(network, manager, 1);
      Parameters start = Parameters.initialise(network, manager, 2);
      var ema = new Ema(p, start.copy(manager), 0.9, 0);
      ema.update();
      var restored = new Ema(p, ema.average().copy(manager), 0.9, ema.updates());
      ema.update();
      restored.update();
      assertThat(restored.average().snapshot()).isEqualTo(ema.average().snapshot());
      assertThat(ema.average().snapshot()).isNotEqualTo(start.snapshot());
    }
  }

  @Test
  void refusesADecayOfOne() {
    try (NDManager manager = Torch.newManager()) {
      Parameters p = Parameters.initialise(network, manager, 1);
      assertThatThrownBy(() -> new Ema(p, 1)).hasMessageContaining("decay 1.0");
    }
  }
}
