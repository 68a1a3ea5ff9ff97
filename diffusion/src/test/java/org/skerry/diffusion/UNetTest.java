package org.skerry.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.skerry.diffusion.optimizer.AdamW;
import org.skerry.diffusion.torch.Kernels;
import org.skerry.diffusion.torch.Torch;

class UNetTest {
  private static final UNetConfig TINY = new UNetConfig(3, 8, 8, 3, 16, 4, 0);
  private NDManager manager;

  @BeforeEach
  void create() {
    manager = Torch.newManager();
  }

  @AfterEach
  void free() {
    manager.close();
  }

  @Test
  void demoNetworkHasTheParametersOfItsRecipe() {
    assertThat(UNetConfig.small(3, 16).parameterCount()).isEqualTo(1_143_939);
    assertThat(UNetClassifierConfig.small(3, 16, 4).parameterCount()).isEqualTo(338_356);
  }

  @Test
  void startsAtZeroVelocityOfTheImagesShape() {
    Network network = Network.of(TINY);
    Parameters p = Parameters.initialise(network, manager, 1);
    NDArray x = manager.create(SeededRandom.of(1).gaussians(2 * 3 * 8 * 8), new Shape(2, 3, 8, 8));
    NDArray v = network.forward(p, x, manager.create(new float[] {0, 1}), null);
    assertThat(v.getShape()).isEqualTo(x.getShape());
    assertThat(v.toFloatArray()).containsOnly(0f);
  }

  @Test
  void everyParameterLearns() {
    Network network = Network.of(new UNetConfig(3, 8, 8, 3, 16, 4, 5));
    Parameters p = Parameters.initialise(network, manager, 1);
    p.requiresGradient(true);
    var before = p.snapshot();
    try (var optimizer = new AdamW(p, AdamW.Settings.shortRun())) {
      for (int step = 0; step < 4; step++) {
        train(network, p, step, new long[] {0, 1, 2, 5});
        optimizer.step(1e-2);
      }
    }
    var after = p.snapshot();
    for (String name : before.keySet()) {
      assertThat(after.get(name)).as(name).isNotEqualTo(before.get(name));
    }
  }

  @Test
  void lossFallsOnOneBatch() {
    Network network = Network.of(TINY);
    Parameters p = Parameters.initialise(network, manager, 1);
    p.requiresGradient(true);
    try (var optimizer = new AdamW(p, AdamW.Settings.shortRun())) {
      double first = train(network, p, 0, null);
      optimizer.step(1e-2);
      double last = 0;
      for (int i = 0; i < 40; i++) {
        last = train(network, p, 0, null);
        optimizer.step(1e-2);
      }
      assertThat(last).isLessThan(0.5 * first);
    }
  }

  @Test
  void modulatedGroupNormIsNormThenScaleThenShift() {
    int batch = 3;
    int channels = 8;
    var random = SeededRandom.of(4);
    NDArray x = manager.create(random.gaussians(batch * channels * 4), new Shape(batch, 8, 2, 2));
    NDArray mod = manager.create(random.gaussians(batch * 2 * channels), new Shape(batch, 16));
    NDArray weight = manager.create(random.gaussians(channels));
    NDArray bias = manager.create(random.gaussians(channels));
    weight.setName(Kernels.PARAMETER);
    bias.setName(Kernels.PARAMETER);
    float[] got =
        Kernels.groupNormModulate(x, mod, 4, java.util.List.of(weight, bias)).toFloatArray();
    float[] in = x.toFloatArray();
    float[] m = mod.toFloatArray();
    for (int b = 0; b < batch; b++) {
      for (int c = 0; c < channels; c++) {
        int group = (b * channels + c / 2 * 2) * 4;
        double mean = 0;
        double square = 0;
        for (int i = group; i < group + 8; i++) {
          mean += in[i] / 8.0;
          square += in[i] * in[i] / 8.0;
        }
        double rate = 1 / Math.sqrt(square - mean * mean + 1e-5);
        for (int i = 0; i < 4; i++) {
          int at = (b * channels + c) * 4 + i;
          double norm = (in[at] - mean) * rate * weight.toFloatArray()[c] + bias.toFloatArray()[c];
          double want = norm * (1 + m[b * 16 + c]) + m[b * 16 + 8 + c];
          assertThat((double) got[at]).isCloseTo(want, within(1e-4));
        }
      }
    }
  }

  @Test
  void refusesLabelsItWasNotMadeFor() {
    Network network = Network.of(TINY);
    Parameters p = Parameters.initialise(network, manager, 1);
    NDArray x = manager.zeros(new Shape(1, 3, 8, 8));
    assertThatThrownBy(
            () -> network.forward(p, x, manager.zeros(new Shape(1)), manager.create(new long[1])))
        .hasMessageContaining("takes no labels");
  }

  private double train(
      Network network, Parameters p, int seed, long @org.jspecify.annotations.Nullable [] labels) {
    try (NDManager step = manager.newSubManager()) {
      var random = SeededRandom.of(7, seed);
      var shape = new Shape(4, 3, 8, 8);
      var batch =
          Batch.create(
              step,
              random.gaussians(4 * 3 * 64),
              shape,
              labels,
              new TimeSampling.LogitNormal(0, 1),
              random);
      return Torch.backward(step, () -> new FlowObjective().loss(step, network, p, batch))
          .getFloat();
    }
  }
}
