package org.skerry.diffusion;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.torch.Backpropagation;
import org.skerry.diffusion.torch.Precision;
import org.skerry.diffusion.torch.Torch;

/** Losses and gradients in every precision, kept and recomputed, of every network trained. */
class BackpropagationTest {
  private static final int IMAGES = 4;

  static NetworkConfig[] configs() {
    return new NetworkConfig[] {
      new UNetConfig(3, 8, 8, 3, 16, 4, 2),
      new UNetClassifierConfig(3, 8, 8, 2, 16, 4, 2),
      new DitConfig(3, 8, 2, 16, 3, 2, 32, 2, true),
      new DitConfig(3, 8, 4, 16, 2, 2, 32, 0, false, DitConvention.SIT),
      new DitClassifierConfig(3, 8, 2, 16, 2, 2, 32, 2),
      new ParisExpertConfig(3, 8, 2, 16, 3, 2, 32, 8),
      new ParisRouterConfig(3, 8, 2, 16, 2, 2, 32, 2)
    };
  }

  /** What a pass leaves: the loss, and the gradient of every parameter. */
  private record Outcome(float loss, Map<String, float[]> gradients) {
    double lossDistance(Outcome other) {
      return Math.abs(loss - other.loss) / other.loss;
    }

    /** Relative, over all gradients as one vector. */
    double gradientDistance(Outcome other) {
      double difference = 0;
      double size = 0;
      for (var entry : gradients.entrySet()) {
        float[] mine = entry.getValue();
        float[] theirs = requireNonNull(other.gradients.get(entry.getKey()));
        for (int i = 0; i < mine.length; i++) {
          difference += Math.pow((double) mine[i] - theirs[i], 2);
          size += Math.pow(theirs[i], 2);
        }
      }
      return Math.sqrt(difference / size);
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  void bfloat16StaysWithinItsRounding(NetworkConfig config) {
    Outcome exact = pass(config, Backpropagation.PLAIN);
    Outcome low = pass(config, new Backpropagation(Precision.BFLOAT16, 1, false));
    assertThat(low.lossDistance(exact)).isLessThan(1e-2);
    assertThat(low.gradientDistance(exact)).isBetween(1e-4, 2e-2);
  }

  @ParameterizedTest
  @MethodSource("configs")
  void float16StaysWithinItsRoundingAndScalesGradients(NetworkConfig config) {
    Outcome exact = pass(config, Backpropagation.PLAIN);
    Outcome low = pass(config, new Backpropagation(Precision.FLOAT16, 256, false));
    assertThat(low.lossDistance(exact)).isLessThan(2e-3);
    low.gradients
        .values()
        .forEach(gradient -> {
          for (int i = 0; i < gradient.length; i++) {
            gradient[i] /= 256;
          }
        });
    assertThat(low.gradientDistance(exact)).isBetween(1e-6, 4e-3);
  }

  @ParameterizedTest
  @MethodSource("configs")
  void recomputedBlocksGiveTheSameGradientsToTheLastBit(NetworkConfig config) {
    for (Precision precision : Precision.values()) {
      Outcome kept = pass(config, new Backpropagation(precision, 16, false));
      Outcome again = pass(config, new Backpropagation(precision, 16, true));
      assertThat(again.loss).as("%s", precision).isEqualTo(kept.loss);
      kept.gradients.forEach((name, gradient) ->
          assertThat(again.gradients.get(name)).as("%s %s", precision, name).isEqualTo(gradient));
    }
  }

  private static Outcome pass(NetworkConfig config, Backpropagation how) {
    Network network = Network.of(config);
    try (NDManager manager = Torch.newManager();
        Parameters p = Parameters.from(network, weights(network), manager)) {
      p.requiresGradient(true);
      Batch batch = batch(manager, config);
      boolean router =
          config instanceof UNetClassifierConfig
              || config instanceof DitClassifierConfig
              || config instanceof ParisRouterConfig;
      Objective objective = router ? new RoutingObjective() : new FlowObjective();
      float loss = how.run(manager, () -> objective.loss(manager, network, p, batch)).getFloat();
      Map<String, float[]> gradients = new LinkedHashMap<>();
      p.trainable()
          .forEach((name, parameter) -> {
            assertThat(parameter.getDataType()).isEqualTo(DataType.FLOAT32);
            try (NDArray gradient = parameter.getGradient()) {
              assertThat(gradient.getDataType()).isEqualTo(DataType.FLOAT32);
              gradients.put(name, gradient.toFloatArray());
            }
          });
      return new Outcome(loss, gradients);
    }
  }

  /** Not the initial ones, of which so many are zero that most gradients are too. */
  private static Map<String, HostTensor> weights(Network network) {
    Map<String, HostTensor> out = new LinkedHashMap<>();
    Parameters.initialTensors(network, 1)
        .forEach((name, tensor) -> {
          float[] values = tensor.floats();
          float[] noise = SeededRandom.of(2, name.hashCode()).gaussians(values.length);
          for (int i = 0; i < values.length; i++) {
            values[i] += 0.05f * noise[i];
          }
          out.put(
              name,
              HostTensor.of(values, tensor.shape().stream().mapToLong(Long::longValue).toArray()));
        });
    return out;
  }

  private static Batch batch(NDManager manager, NetworkConfig config) {
    var random = SeededRandom.of(3, 1);
    Shape shape = new Shape(IMAGES, config.channels(), config.imageSize(), config.imageSize());
    Batch batch =
        Batch.create(
            manager,
            random.gaussians((int) shape.size()),
            shape,
            new long[] {0, 1, 1, 0},
            new TimeSampling.LogitNormal(0, 1),
            random);
    return config.textWidth() == 0
        ? batch
        : new Batch(
            batch.images(),
            batch.labels(),
            batch.times(),
            batch.noise(),
            texts(manager, config.textWidth(), random));
  }

  /** Of three tokens, the last of which half of the texts do not have. */
  private static Texts texts(NDManager manager, int width, SeededRandom random) {
    float no = Texts.UNSEEN;
    NDArray mask = manager.create(new float[] {0, 0, 0, 0, 0, no, 0, 0, 0, 0, 0, no});
    return new Texts(
        manager.create(random.gaussians(IMAGES * 3 * width), new Shape(IMAGES, 3, width)),
        mask.reshape(IMAGES, 1, 1, 3));
  }
}
