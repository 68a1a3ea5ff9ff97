package org.skerry.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.diffusion.FlowObjective;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.Objective;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.UNetClassifierConfig;
import org.skerry.diffusion.UNetConfig;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.torch.Torch;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.evaluation.Evaluation;
import org.skerry.trainer.evaluation.RouterAccuracy;
import org.skerry.trainer.metrics.GaussianDenoiser;

class TrainingRunTest {
  private static final Network NETWORK = Network.of(new UNetConfig(3, 8, 8, 2, 16, 4, 0));
  private static final ImageSet IMAGES = BuiltInPictures.generate(40, 8, 1);

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

  @Test
  void resumesBitForBitFromAFile() throws IOException {
    TrainingRecipe recipe = TrainingRecipe.shortRun(14, 6, 3);
    RunState whole;
    try (TrainingRun run = fresh(recipe)) {
      steps(run, 14);
      whole = run.snapshot();
    }
    CheckpointStore store = new CheckpointStore(folder, "run");
    try (TrainingRun first = fresh(recipe)) {
      steps(first, 7);
      store.write(first.snapshot());
    }
    try (TrainingRun second = resumed(recipe, store)) {
      assertThat(second.stepsMade()).isEqualTo(7);
      steps(second, 7);
      RunState resumed = second.snapshot();
      assertThat(resumed.raw()).isEqualTo(whole.raw());
      assertThat(resumed.average()).isEqualTo(whole.average());
      assertThat(resumed.optimizer()).isEqualTo(whole.optimizer());
      assertThat(resumed.smoothedLoss()).isEqualTo(whole.smoothedLoss());
    }
  }

  @Test
  void averageFollowsTheWarmUpRule() throws IOException {
    try (TrainingRun run = fresh(TrainingRecipe.shortRun(5, 4, 1))) {
      String name = "mid.0.conv1.weight";
      double expected = run.parameters().get(name).toFloatArray()[0];
      for (int n = 1; n <= 3; n++) {
        run.step();
        double raw = run.parameters().get(name).toFloatArray()[0];
        expected += (1 - (1.0 + n) / (10.0 + n)) * (raw - expected);
      }
      assertThat((double) run.average().get(name).toFloatArray()[0])
          .isCloseTo(expected, within(1e-6))
          .isNotEqualTo(run.parameters().get(name).toFloatArray()[0]);
    }
  }

  @Test
  void rateWarmsUpWithTheOptimizerAndFallsWithTheRun() {
    TrainingRecipe recipe = TrainingRecipe.shortRun(1_000, 8, 1);
    assertThat(recipe.learningRateAt(0, 0)).isCloseTo(3e-3 / 30, within(1e-12));
    assertThat(recipe.learningRateAt(500, 500)).isCloseTo(3e-3, within(1e-12));
    assertThat(recipe.learningRateAt(500, 14)).isCloseTo(1.5e-3, within(1e-12));
    assertThat(recipe.learningRateAt(800, 800)).isCloseTo(1.5e-3, within(1e-12));
    assertThat(recipe.learningRateAt(999, 999)).isCloseTo(3e-3 * 0.05, within(1e-12));
  }

  @Test
  void lowersTheLossOnFixedDraws() throws IOException {
    ImageSet images = BuiltInPictures.generate(64, 8, 2);
    TrainingRecipe recipe = TrainingRecipe.shortRun(150, 16, 1);
    try (TrainingRun run =
        TrainingRun.fromWeights(
            NETWORK,
            new FlowObjective(),
            new TrainingData(images, null),
            recipe,
            Parameters.initialTensors(NETWORK, 1),
            0,
            manager)) {
      double before = Evaluation.flowLoss(NETWORK, run.average(), images, 9);
      steps(run, 150);
      double after = Evaluation.flowLoss(NETWORK, run.average(), images, 9);
      double gaussian = Evaluation.gaussianLoss(GaussianDenoiser.fit(images), images, 9);
      assertThat(gaussian).isLessThan(before);
      assertThat(after).isLessThan(before * 0.7);
      assertThat(Evaluation.flowLoss(NETWORK, run.average(), images, 9)).isEqualTo(after);
    }
  }

  @Test
  void routerLearnsToTellPartitionsApart() throws IOException {
    Network router = Network.of(new UNetClassifierConfig(3, 8, 8, 2, 16, 4, 2));
    ImageSet images = BuiltInPictures.generate(64, 8, 2);
    long[] labels = IntStream.range(0, 64).mapToLong(i -> i % 8 / 4).toArray();
    try (TrainingRun run =
        TrainingRun.fromWeights(
            router,
            Objectives.of(router.config()),
            new TrainingData(images, labels),
            TrainingRecipe.shortRun(80, 16, 1),
            Parameters.initialTensors(router, 1),
            0,
            manager)) {
      steps(run, 80);
      RouterAccuracy accuracy = Evaluation.routerAccuracy(router, run.average(), images, labels, 4);
      assertThat(accuracy.overall()).isGreaterThan(0.75);
      assertThat(accuracy.prior()).isEqualTo(0.5);
      // Near noise there is next to nothing to tell partitions by.
      assertThat(accuracy.byTime()).hasSize(RouterAccuracy.LEVELS);
      assertThat(accuracy.byTime().getFirst()).isGreaterThan(0.9);
      assertThat(accuracy.byTime().getLast()).isBetween(0.2, 0.8);
      assertThat(accuracy.byTime().stream().mapToDouble(share -> share).average().orElseThrow())
          .isCloseTo(accuracy.overall(), within(0.01));
    }
  }

  @Test
  void aLossThatIsNoNumberEndsTheRunWithItsReason() throws IOException {
    Map<String, HostTensor> weights = Parameters.initialTensors(NETWORK, 1);
    weights.replaceAll((name, tensor) -> {
      float[] values = tensor.floats();
      Arrays.fill(values, Float.NaN);
      return HostTensor.of(values, tensor.shape().stream().mapToLong(Long::longValue).toArray());
    });
    try (TrainingRun run =
        TrainingRun.fromWeights(
            NETWORK,
            new FlowObjective(),
            new TrainingData(IMAGES, null),
            TrainingRecipe.shortRun(5, 4, 1),
            weights,
            0,
            manager)) {
      assertThatThrownBy(run::step)
          .isInstanceOfSatisfying(
              TrainerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DIVERGED))
          .hasMessageContaining("step 0")
          .hasMessageContaining("lower learning rate");
    }
  }

  @Test
  void goesBackAndDrawsAnotherOrder() throws IOException {
    TrainingRecipe recipe = TrainingRecipe.shortRun(20, 6, 3);
    CheckpointStore store = new CheckpointStore(folder, "run");
    try (TrainingRun run = fresh(recipe)) {
      steps(run, 4);
      RunState kept = run.snapshot();
      steps(run, 3);
      RunState straight = run.snapshot();
      run.goBack(kept);
      assertThat(run.stepsMade()).isEqualTo(4);
      assertThat(run.snapshot().raw()).isEqualTo(kept.raw());
      assertThat(run.snapshot().average()).isEqualTo(kept.average());
      assertThat(run.snapshot().optimizer()).isEqualTo(kept.optimizer());
      store.write(run.snapshot());
      steps(run, 3);
      RunState again = run.snapshot();
      assertThat(again.rollbacks()).isEqualTo(1);
      assertThat(again.raw()).isNotEqualTo(straight.raw());
      try (TrainingRun resumed = resumed(recipe, store)) {
        steps(resumed, 3);
        assertThat(resumed.rollbacks()).isEqualTo(1);
        assertThat(resumed.snapshot().raw().equals(again.raw())).isTrue();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 5})
  void partsOfABatchMakeTheSameStep(int microBatch) throws IOException {
    TrainingRecipe recipe = TrainingRecipe.shortRun(5, 6, 3);
    try (TrainingRun whole = fresh(recipe);
        TrainingRun parts = fresh(recipe)) {
      parts.limitMicroBatch(microBatch);
      for (int i = 0; i < 3; i++) {
        assertThat(parts.step()).isCloseTo(whole.step(), within(1e-5));
      }
      for (String name : whole.parameters().arrays().keySet()) {
        assertThat(parts.parameters().get(name).toFloatArray())
            .as(name)
            .containsExactly(whole.parameters().get(name).toFloatArray(), within(2e-4f));
      }
    }
  }

  @Test
  void goesOnWithHalfTheMicroBatchAndTheSameBatchWhenMemoryEnded() throws IOException {
    TrainingRecipe recipe = TrainingRecipe.shortRun(5, 6, 3);
    boolean[] full = {false};
    FlowObjective flow = new FlowObjective();
    Objective tight =
        (scratch, network, parameters, batch) -> {
          NDArray loss = flow.loss(scratch, network, parameters, batch);
          if (full[0]) {
            throw new EngineException("DefaultCPUAllocator: can't allocate memory: you tried 9");
          }
          return loss;
        };
    try (TrainingRun undisturbed = fresh(recipe);
        TrainingRun run = fresh(recipe, tight)) {
      steps(run, 1);
      steps(undisturbed, 1);
      full[0] = true;
      assertThatThrownBy(run::step)
          .isInstanceOfSatisfying(
              TrainerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.OUT_OF_MEMORY))
          .hasMessageContaining("6 images at once");
      full[0] = false;
      run.limitMicroBatch(run.microBatch() / 2);
      undisturbed.limitMicroBatch(3);
      steps(run, 2);
      steps(undisturbed, 2);
      assertThat(run.stepsMade()).isEqualTo(3);
      assertThat(run.snapshot().raw()).isEqualTo(undisturbed.snapshot().raw());
      assertThat(run.snapshot().average()).isEqualTo(undisturbed.snapshot().average());
      assertThat(run.snapshot().optimizer()).isEqualTo(undisturbed.snapshot().optimizer());
    }
  }

  @Test
  void memoryThatEndsInAPartLeavesNothingOfThePartsBefore() throws IOException {
    TrainingRecipe recipe = TrainingRecipe.shortRun(5, 6, 3);
    int[] calls = {0};
    FlowObjective flow = new FlowObjective();
    Objective tight =
        (scratch, network, parameters, batch) -> {
          if (++calls[0] == 2) {
            throw new EngineException("CUDA out of memory. Tried to allocate 9 GiB");
          }
          return flow.loss(scratch, network, parameters, batch);
        };
    try (TrainingRun undisturbed = fresh(recipe);
        TrainingRun run = fresh(recipe, tight)) {
      run.limitMicroBatch(2);
      undisturbed.limitMicroBatch(2);
      assertThatThrownBy(run::step).isInstanceOf(TrainerException.class);
      steps(run, 1);
      steps(undisturbed, 1);
      assertThat(run.snapshot().raw()).isEqualTo(undisturbed.snapshot().raw());
    }
  }

  @Test
  void memoryThatDoesNotSufficeForOneImageIsSaidToBeSo() throws IOException {
    Objective full =
        (scratch, network, parameters, batch) -> {
          throw new EngineException("could not create a primitive");
        };
    try (TrainingRun run = fresh(TrainingRecipe.shortRun(5, 6, 3), full)) {
      run.limitMicroBatch(1);
      assertThatThrownBy(run::step)
          .isInstanceOfSatisfying(
              TrainerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.OUT_OF_MEMORY))
          .hasMessageContaining("one image")
          .hasMessageContaining("smaller network");
    }
  }

  @Test
  void whatLibtorchCannotDoIsNotTakenForALackOfMemory() throws IOException {
    Objective broken =
        (scratch, network, parameters, batch) -> {
          throw new EngineException("could not create a primitive descriptor for a convolution");
        };
    try (TrainingRun run = fresh(TrainingRecipe.shortRun(5, 6, 3), broken)) {
      assertThatThrownBy(run::step).isInstanceOf(EngineException.class);
    }
  }

  @Test
  void keepsTwoCheckpointsAndPassesOverADamagedOne() throws IOException {
    CheckpointStore store = new CheckpointStore(folder, "run");
    try (TrainingRun run = fresh(TrainingRecipe.shortRun(9, 4, 1))) {
      for (int i = 0; i < 3; i++) {
        steps(run, 1);
        store.write(run.snapshot());
      }
    }
    assertThat(store.list()).extracting(Checkpoint::step).containsExactly(3L, 2L);
    Path newest = store.list().getFirst().resume();
    byte[] bytes = Files.readAllBytes(newest);
    bytes[bytes.length - 5] ^= 1;
    Files.write(newest, bytes);
    assertThat(store.newest().orElseThrow().step()).isEqualTo(2);
    assertThat(store.list()).hasSize(1);
  }

  @Test
  void doesNotResumeFromAnotherRunsCheckpoint() throws IOException {
    try (TrainingRun run = fresh(TrainingRecipe.shortRun(9, 4, 1))) {
      steps(run, 1);
      new CheckpointStore(folder, "one").write(run.snapshot());
    }
    assertThat(new CheckpointStore(folder, "two").newest()).isEmpty();
  }

  @Test
  void loopReportsCheckpointsAndSetsASnapshotAside() throws Exception {
    List<TrainingEvent> events = new ArrayList<>();
    TrainingControl control = new TrainingControl();
    control.requestSnapshot();
    long[] clock = {0};
    try (TrainingRun run = fresh(TrainingRecipe.shortRun(9, 4, 1))) {
      TrainingLoop.Outcome outcome =
          loop(run, control, events, () -> clock[0] += 1_000_000_000L).run();
      assertThat(outcome.finished()).isTrue();
      assertThat(outcome.step()).isEqualTo(9);
    }
    List<TrainingEvent.Snapshot> snapshots =
        events.stream()
            .filter(TrainingEvent.Snapshot.class::isInstance)
            .map(TrainingEvent.Snapshot.class::cast)
            .toList();
    assertThat(snapshots).extracting(TrainingEvent.Snapshot::step).containsExactly(1L, 9L);
    assertThat(snapshots.getLast().last()).isTrue();
    assertThat(snapshots.getLast().samples()).isEqualTo(36);
    assertThat(snapshots.getLast().validationLoss()).isEqualTo(0.5);
    for (TrainingEvent.Snapshot snapshot : snapshots) {
      RunState state =
          Checkpoint.readFiles(Path.of(snapshot.weights()), Path.of(snapshot.resume()));
      assertThat(state.step()).isEqualTo(snapshot.step());
    }
    assertThat(events).hasAtLeastOneElementOfType(TrainingEvent.Progress.class);
    assertThat(events.stream().filter(TrainingEvent.CheckpointWritten.class::isInstance).count())
        .isGreaterThan(2);
  }

  @Test
  void loopStopsAtACheckpointWhenAsked() throws Exception {
    TrainingControl control = new TrainingControl();
    try (TrainingRun run = fresh(TrainingRecipe.shortRun(1_000_000, 4, 1))) {
      List<TrainingEvent> events = new ArrayList<>();
      long[] clock = {0};
      TrainingLoop.Outcome outcome =
          loop(
                  run,
                  control,
                  events,
                  () -> {
                    if (run.stepsMade() == 5) {
                      control.stop();
                    }
                    return clock[0] += 1_000_000_000L;
                  })
              .run();
      assertThat(outcome.finished()).isFalse();
      assertThat(outcome.checkpoint().step()).isEqualTo(outcome.step()).isEqualTo(5);
    }
  }

  private TrainingLoop loop(
      TrainingRun run,
      TrainingControl control,
      List<TrainingEvent> events,
      java.util.function.LongSupplier nanoTime)
      throws IOException {
    return new TrainingLoop(
        run,
        new CheckpointStore(folder.resolve("checkpoints"), "run"),
        folder.resolve("snapshots"),
        _ -> 0.5,
        control,
        events::add,
        nanoTime,
        new Intervals(Duration.ofSeconds(2), Duration.ofHours(1), Duration.ofSeconds(2)));
  }

  private TrainingRun fresh(TrainingRecipe recipe) {
    return fresh(recipe, new FlowObjective());
  }

  private TrainingRun fresh(TrainingRecipe recipe, Objective objective) {
    return TrainingRun.fromWeights(
        NETWORK,
        objective,
        new TrainingData(IMAGES, null),
        recipe,
        Parameters.initialTensors(NETWORK, 1),
        0,
        manager);
  }

  private TrainingRun resumed(TrainingRecipe recipe, CheckpointStore store) throws IOException {
    return TrainingRun.resume(
        NETWORK,
        new FlowObjective(),
        new TrainingData(IMAGES, null),
        recipe,
        store.newest().orElseThrow(),
        manager);
  }

  private static void steps(TrainingRun run, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      run.step();
    }
  }
}
