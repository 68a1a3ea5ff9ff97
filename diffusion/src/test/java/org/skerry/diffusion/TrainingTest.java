package org.skerry.diffusion;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.skerry.diffusion.optimizer.AdamW;
import org.skerry.diffusion.optimizer.Ema;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.torch.Torch;

/** A step is a pure function: what a resumed or a repeated run relies on. */
class TrainingTest {
  private static final NetworkConfig UNET = new UNetConfig(3, 8, 8, 3, 16, 4, 0);
  private static final AdamW.Settings SETTINGS = AdamW.Settings.shortRun();

  static NetworkConfig[] configs() {
    return new NetworkConfig[] {
      UNET,
      new DitConfig(3, 8, 2, 16, 2, 2, 32, 0, false),
      new DitConfig(3, 8, 4, 16, 1, 2, 32, 5, true, DitConvention.SIT)
    };
  }

  @ParameterizedTest
  @MethodSource("configs")
  void stoppedAndRestoredRunEndsInTheSameBytes(NetworkConfig config) {
    Network network = Network.of(config);
    try (NDManager manager = Torch.newManager()) {
      Map<String, HostTensor> whole;
      try (Parameters p = Parameters.initialise(network, manager, 1)) {
        p.requiresGradient(true);
        try (var optimizer = new AdamW(p, SETTINGS)) {
          run(manager, p, optimizer, 0, 8);
          whole = p.snapshot();
        }
      }
      Map<String, HostTensor> weights;
      Map<String, HostTensor> state;
      try (Parameters p = Parameters.initialise(network, manager, 1)) {
        p.requiresGradient(true);
        try (var optimizer = new AdamW(p, SETTINGS)) {
          run(manager, p, optimizer, 0, 4);
          weights = p.snapshot();
          state = optimizer.snapshot();
        }
      }
      try (Parameters p = Parameters.from(network, weights, manager)) {
        p.requiresGradient(true);
        try (var optimizer = new AdamW(p, SETTINGS)) {
          optimizer.restore(state);
          run(manager, p, optimizer, 4, 8);
          assertThat(p.snapshot()).isEqualTo(whole);
        }
      }
    }
  }

  @Test
  void twoThreadsTrainAtOnceAsEachWouldAlone() throws Exception {
    Callable<Map<String, HostTensor>> training =
        () -> {
          try (NDManager manager = Torch.newManager();
              Parameters p = Parameters.initialise(Network.of(UNET), manager, 1)) {
            p.requiresGradient(true);
            try (var optimizer = new AdamW(p, SETTINGS)) {
              run(manager, p, optimizer, 0, 6);
            }
            return p.snapshot();
          }
        };
    Map<String, HostTensor> alone = training.call();
    try (var threads = Executors.newFixedThreadPool(2)) {
      var first = threads.submit(training);
      var second = threads.submit(training);
      assertThat(first.get()).isEqualTo(alone);
      assertThat(second.get()).isEqualTo(alone);
    }
  }

  @Test
  void stepsLeaveNoArrayBehind() {
    try (NDManager manager = Torch.newManager();
        Parameters p = Parameters.initialise(Network.of(UNET), manager, 1)) {
      p.requiresGradient(true);
      try (var optimizer = new AdamW(p, SETTINGS);
          var ema = new Ema(p, 0.9)) {
        run(manager, p, optimizer, 0, 2);
        ema.update();
        int arrays = manager.getManagedArrays().size();
        int own = p.manager().getManagedArrays().size();
        run(manager, p, optimizer, 2, 6);
        ema.update();
        assertThat(manager.getManagedArrays()).hasSize(arrays);
        assertThat(p.manager().getManagedArrays()).hasSize(own);
      }
    }
  }

  private static void run(NDManager manager, Parameters p, AdamW optimizer, int from, int to) {
    for (int i = from; i < to; i++) {
      try (NDManager step = manager.newSubManager()) {
        var random = SeededRandom.of(3, i);
        Batch batch =
            Batch.create(
                step,
                random.gaussians(4 * 3 * 64),
                new Shape(4, 3, 8, 8),
                null,
                new TimeSampling.LogitNormal(0, 1),
                random);
        Torch.backward(step, () -> new FlowObjective().loss(step, p.network(), p, batch));
        assertThat(optimizer.step(1e-2)).isFinite().isPositive();
      }
    }
  }
}
