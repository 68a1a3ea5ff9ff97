package org.skerry.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.skerry.diffusion.optimizer.AdamW;
import org.skerry.diffusion.torch.Torch;

class ClassifierTest {
  static NetworkConfig[] configs() {
    return new NetworkConfig[] {
      new UNetClassifierConfig(1, 8, 8, 2, 16, 4, 2),
      new DitClassifierConfig(1, 8, 4, 16, 2, 2, 32, 2),
      new ParisRouterConfig(1, 8, 4, 16, 2, 2, 32, 2)
    };
  }

  @ParameterizedTest
  @MethodSource("configs")
  void learnsToTellDarkFromLightAndSaysSoWithLogits(NetworkConfig config) {
    Network network = Network.of(config);
    try (NDManager manager = Torch.newManager();
        Parameters p = Parameters.initialise(network, manager, 1)) {
      p.requiresGradient(true);
      double loss = 0;
      try (var optimizer = new AdamW(p, AdamW.Settings.shortRun())) {
        for (int i = 0; i < 120; i++) {
          loss = step(manager, network, p, i);
          optimizer.step(5e-3);
        }
      }
      assertThat(loss).isLessThan(0.4);
      NDArray x = manager.ones(new Shape(1, 1, 8, 8));
      NDArray logits = network.forward(p, x, manager.zeros(new Shape(1)), null);
      assertThat(logits.getShape()).isEqualTo(new Shape(1, 2));
      assertThat(logits.toFloatArray()[1]).isGreaterThan(logits.toFloatArray()[0]);
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  void needsLabelsToBeTrained(NetworkConfig config) {
    Network network = Network.of(config);
    try (NDManager manager = Torch.newManager();
        Parameters p = Parameters.initialise(network, manager, 1)) {
      Batch batch = batch(manager, 0, null);
      assertThatThrownBy(() -> new RoutingObjective().loss(manager, network, p, batch))
          .hasMessageContaining("needs labels");
    }
  }

  private static double step(NDManager manager, Network network, Parameters p, int seed) {
    try (NDManager step = manager.newSubManager()) {
      Batch batch = batch(step, seed, new long[] {0, 1, 0, 1, 0, 1, 0, 1});
      return Torch.backward(step, () -> new RoutingObjective().loss(step, network, p, batch))
          .getFloat();
    }
  }

  /** Images of -1 and 1 in turn. */
  private static Batch batch(NDManager step, int seed, long @Nullable [] labels) {
    float[] images = new float[8 * 64];
    for (int i = 0; i < images.length; i++) {
      images[i] = i / 64 % 2 == 0 ? -1 : 1;
    }
    return Batch.create(
        step,
        images,
        new Shape(8, 1, 8, 8),
        labels,
        new TimeSampling.Uniform(),
        SeededRandom.of(11, seed));
  }
}
