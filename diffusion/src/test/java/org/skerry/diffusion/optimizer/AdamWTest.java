package org.skerry.diffusion.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.UNetClassifierConfig;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.torch.Torch;

class AdamWTest {
  private final Network network = Network.of(new UNetClassifierConfig(1, 2, 1, 1, 1, 1, 2));
  private NDManager manager;
  private Parameters parameters;

  @BeforeEach
  void create() {
    manager = Torch.newManager();
    parameters = Parameters.initialise(network, manager, 5);
    parameters.requiresGradient(true);
  }

  @AfterEach
  void free() {
    manager.close();
  }

  @Test
  void clippedGradientHasTheNormAskedFor() {
    try (var optimizer = new AdamW(parameters, new AdamW.Settings(0, 0, 1e-8, 0, 1))) {
      gradient(3);
      double norm = optimizer.step(0);
      long count = network.config().parameterCount();
      assertThat(norm).isCloseTo(3 * Math.sqrt(count), within(1e-4));
      double moment = 0;
      for (var e : optimizer.snapshot().entrySet()) {
        if (e.getKey().startsWith("exp_avg.")) {
          for (float value : e.getValue().floats()) {
            moment += value * value;
          }
        }
      }
      assertThat(moment).isCloseTo(1, within(1e-4));
    }
  }

  @Test
  void stepZeroesTheGradient() {
    try (var optimizer = new AdamW(parameters, AdamW.Settings.shortRun())) {
      gradient(1);
      assertThat(optimizer.step(1e-3)).isGreaterThan(0);
      gradient(0);
      assertThat(optimizer.step(1e-3)).isZero();
    }
  }

  @Test
  void stepWithInfiniteGradientChangesNothing() {
    try (var optimizer = new AdamW(parameters, AdamW.Settings.shortRun())) {
      gradient(1);
      optimizer.step(1e-3);
      Map<String, HostTensor> weights = parameters.snapshot();
      Map<String, HostTensor> state = optimizer.snapshot();
      gradient(Float.POSITIVE_INFINITY);
      assertThat(optimizer.step(1e-3)).isNotFinite();
      assertThat(parameters.snapshot()).isEqualTo(weights);
      assertThat(optimizer.snapshot()).isEqualTo(state);
      assertThat(optimizer.steps()).isEqualTo(1);
    }
  }

  @Test
  void restoredStateGoesOnAsIfNeverStopped() {
    Map<String, HostTensor> weights;
    Map<String, HostTensor> state;
    Map<String, HostTensor> end;
    try (var optimizer = new AdamW(parameters, AdamW.Settings.shortRun())) {
      gradient(1);
      optimizer.step(1e-2);
      weights = parameters.snapshot();
      state = optimizer.snapshot();
      gradient(-2);
      optimizer.step(1e-2);
      end = parameters.snapshot();
    }
    try (Parameters again = Parameters.from(network, weights, manager)) {
      again.requiresGradient(true);
      try (var optimizer = new AdamW(again, AdamW.Settings.shortRun())) {
        optimizer.restore(state);
        parameters = again;
        gradient(-2);
        optimizer.step(1e-2);
        assertThat(again.snapshot()).isEqualTo(end).isNotEqualTo(weights);
      }
    }
  }

  @Test
  void refusesAnotherNetworksState() {
    try (var optimizer = new AdamW(parameters, AdamW.Settings.shortRun())) {
      Map<String, HostTensor> state = optimizer.snapshot();
      state.put("exp_avg.head.bias", HostTensor.of(new float[3], 3));
      assertThatThrownBy(() -> optimizer.restore(state)).hasMessageContaining("head.bias");
      state.remove("exp_avg.head.bias");
      assertThatThrownBy(() -> optimizer.restore(state)).hasMessageContaining("lacks");
      state.put("other", HostTensor.of(new float[1]));
      assertThatThrownBy(() -> optimizer.restore(state)).hasMessageContaining("other");
    }
  }

  /** Gives every parameter the same gradient, element for element. */
  private void gradient(float value) {
    try (NDManager step = manager.newSubManager()) {
      NDArray loss =
          Torch.backward(
              step,
              () -> {
                NDArray sum = step.zeros(new Shape());
                NDArray factor = step.create(value);
                for (NDArray array : parameters.trainable().values()) {
                  sum = sum.add(factor.mul(array).sum());
                }
                return sum;
              });
      assertThat(loss.getShape().dimension()).isZero();
    }
  }
}
