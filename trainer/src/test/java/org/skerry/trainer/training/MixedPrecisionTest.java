package org.skerry.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.skerry.diffusion.DitConfig;
import org.skerry.diffusion.FlowObjective;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.safetensors.ElementType;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.torch.Precision;
import org.skerry.diffusion.torch.Torch;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.evaluation.Evaluation;

/** Whole runs in every precision, with blocks kept and computed again. */
class MixedPrecisionTest {
  private static final Network NETWORK = Network.of(new DitConfig(3, 8, 2, 32, 2, 2, 64, 0, false));
  private static final ImageSet IMAGES = BuiltInPictures.generate(64, 8, 2);

  @TempDir Path folder;
  private NDManager manager;

  @BeforeEach
  void create() {
    Torch.threads(1);
    manager = Torch.newManager();
  }

  @AfterEach
  void free() {
    manager.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"BFLOAT16", "FLOAT16"})
  void theLossFallsAsInFloat32AndWeightsStayFloat32(Precision precision) throws IOException {
    double exact = lossAfter(recipe(Precision.FLOAT32));
    double low = lossAfter(recipe(precision));
    assertThat(low).isCloseTo(exact, within(0.03 * exact));
  }

  private double lossAfter(TrainingRecipe recipe) throws IOException {
    try (TrainingRun run = fresh(recipe)) {
      double before = Evaluation.flowLoss(NETWORK, run.parameters(), IMAGES, 9);
      steps(run, 60);
      assertThat(run.parameters().arrays().values())
          .allMatch(array -> array.getDataType() == DataType.FLOAT32);
      assertThat(run.snapshot().raw().values()).allMatch(t -> t.type() == ElementType.F32);
      assertThat(run.snapshot().average().values()).allMatch(t -> t.type() == ElementType.F32);
      double after = Evaluation.flowLoss(NETWORK, run.parameters(), IMAGES, 9);
      assertThat(after).isLessThan(0.8 * before);
      return after;
    }
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void resumesBitForBitWithOrWithoutComputingBlocksAgain(Precision precision) throws IOException {
    RunState whole;
    try (TrainingRun run = fresh(recipe(precision))) {
      steps(run, 10);
      whole = run.snapshot();
    }
    CheckpointStore store = new CheckpointStore(folder, "run");
    try (TrainingRun first = fresh(recipe(precision))) {
      steps(first, 5);
      store.write(first.snapshot());
    }
    RunState state = store.newest().orElseThrow();
    try (TrainingRun second = resumed(recipe(precision), state)) {
      second.recompute(Recompute.ON);
      steps(second, 5);
      assertThat(second.snapshot().raw()).isEqualTo(whole.raw());
      assertThat(second.snapshot().average()).isEqualTo(whole.average());
      assertThat(second.snapshot().optimizer()).isEqualTo(whole.optimizer());
      assertThat(second.lossScale()).isEqualTo(whole.lossScale());
    }
    assertThat(whole.lossScale().goodSteps() > 0).isEqualTo(precision == Precision.FLOAT16);
  }

  @Test
  void aStepWhoseGradientsOverflowFloat16OnlyHalvesTheScale() throws IOException {
    TrainingRecipe recipe = recipe(Precision.FLOAT16);
    try (TrainingRun start = fresh(recipe)) {
      steps(start, 3);
      RunState state = withScale(start.snapshot(), new LossScale(0x1p30, 1_998));
      CheckpointStore store = new CheckpointStore(folder, "run");
      store.write(state);
      try (TrainingRun run = resumed(recipe, store.newest().orElseThrow())) {
        assertThat(run.lossScale()).isEqualTo(new LossScale(0x1p30, 1_998));
        assertThat(run.step()).isFinite();
        assertThat(run.lossScale()).isEqualTo(new LossScale(0x1p29, 0));
        assertThat(run.stepsMade()).isEqualTo(4);
        assertThat(run.snapshot().raw()).isEqualTo(state.raw());
        assertThat(run.snapshot().average()).isEqualTo(state.average());
        assertThat(run.snapshot().optimizer()).isEqualTo(state.optimizer());
        assertThat(run.smoothedLoss()).isEqualTo(state.smoothedLoss());
        steps(run, 25);
        assertThat(run.lossScale().goodSteps()).isPositive();
        assertThat(run.snapshot().raw()).isNotEqualTo(state.raw());
        run.goBack(state);
        assertThat(run.lossScale()).isEqualTo(state.lossScale());
      }
    }
  }

  @Test
  void gradientsThatOverflowEvenUnscaledAreADivergence() throws IOException {
    Map<String, HostTensor> weights = Parameters.initialTensors(NETWORK, 1);
    // The gradient of what this layer reads passes 65,504; its product with zeros does not.
    weights.replaceAll((name, tensor) ->
        name.equals("final_layer.linear.weight")
            ? HostTensor.of(filled(tensor.floats(), 3e4f), shape(tensor))
            : tensor);
    try (TrainingRun run = fresh(recipe(Precision.FLOAT16), weights)) {
      assertThatThrownBy(() -> steps(run, 20))
          .isInstanceOfSatisfying(
              TrainerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DIVERGED));
    }
  }

  @Test
  void aCheckpointWithAnAbsurdScaleIsCorrupt() throws IOException {
    try (TrainingRun run = fresh(recipe(Precision.FLOAT16))) {
      CheckpointStore store = new CheckpointStore(folder, "run");
      Checkpoint checkpoint = store.write(run.snapshot());
      byte[] bytes = Files.readAllBytes(checkpoint.resume());
      int at = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("65536.0");
      bytes[at] = '7';
      Files.write(checkpoint.resume(), bytes);
      assertThatThrownBy(() -> Checkpoint.readFiles(checkpoint.weights(), checkpoint.resume()))
          .isInstanceOf(TrainerException.class)
          .hasMessageContaining("scale");
    }
  }

  private static RunState withScale(RunState state, LossScale scale) {
    return new RunState(
        state.step(),
        state.smoothedLoss(),
        state.rollbacks(),
        scale,
        state.average(),
        state.raw(),
        state.optimizer());
  }

  private static float[] filled(float[] values, float value) {
    java.util.Arrays.fill(values, value);
    return values;
  }

  private static long[] shape(HostTensor tensor) {
    return tensor.shape().stream().mapToLong(Long::longValue).toArray();
  }

  private static TrainingRecipe recipe(Precision precision) {
    return TrainingRecipe.shortRun(80, 8, 3).withPrecision(precision);
  }

  private TrainingRun fresh(TrainingRecipe recipe) {
    return fresh(recipe, Parameters.initialTensors(NETWORK, 1));
  }

  private TrainingRun fresh(TrainingRecipe recipe, Map<String, HostTensor> weights) {
    return TrainingRun.fromWeights(
        NETWORK, new FlowObjective(), new TrainingData(IMAGES, null), recipe, weights, 0, manager);
  }

  private TrainingRun resumed(TrainingRecipe recipe, RunState state) {
    return TrainingRun.resume(
        NETWORK, new FlowObjective(), new TrainingData(IMAGES, null), recipe, state, manager);
  }

  private static void steps(TrainingRun run, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      run.step();
    }
  }
}
