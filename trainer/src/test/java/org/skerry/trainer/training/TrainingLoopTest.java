package org.skerry.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.diffusion.Batch;
import org.skerry.diffusion.FlowObjective;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.Objective;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.UNetConfig;
import org.skerry.diffusion.torch.Torch;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;
import org.skerry.trainer.dataset.BuiltInPictures;

class TrainingLoopTest {
  private static final Network NETWORK = Network.of(new UNetConfig(3, 8, 8, 2, 16, 4, 0));
  private static final Duration LONG = Duration.ofHours(1);

  @TempDir Path folder;
  private NDManager manager;
  private final List<TrainingEvent> events = new ArrayList<>();
  private long nanos;

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
  void goesBackToTheLastCheckpointAndFinishes() throws Exception {
    // The clock moves a second with every look at it: a checkpoint each fifty, or seventeen steps.
    var outcome = loop(40, new NotANumber(call -> call == 30), Duration.ofSeconds(6)).run();
    assertThat(outcome.finished()).isTrue();
    assertThat(outcome.step()).isEqualTo(40);
    assertThat(events)
        .filteredOn(TrainingEvent.RolledBack.class::isInstance)
        .singleElement()
        .isInstanceOfSatisfying(
            TrainingEvent.RolledBack.class,
            back -> {
              assertThat(back.from()).isEqualTo(30);
              assertThat(back.step()).isBetween(10L, 29L);
              assertThat(back.count()).isEqualTo(1);
              assertThat(back.reason()).contains("the loss is NaN");
            });
  }

  @Test
  void goesBackToTheStartWhenNothingElseIsThere() throws Exception {
    assertThat(loop(5, new NotANumber(call -> call == 2), LONG).run().finished()).isTrue();
    assertThat(events)
        .filteredOn(TrainingEvent.RolledBack.class::isInstance)
        .hasSize(1)
        .allMatch(back -> ((TrainingEvent.RolledBack) back).step() == 0);
  }

  @Test
  void givesUpAfterThreeTimesFromTheSameCheckpoint() {
    assertThatThrownBy(() -> loop(9, new NotANumber(call -> call % 4 == 3), LONG).run())
        .isInstanceOfSatisfying(
            TrainerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DIVERGED))
        .hasMessageContaining("4 times after step 0")
        .hasMessageContaining("lower learning rate");
    assertThat(events).filteredOn(TrainingEvent.RolledBack.class::isInstance).hasSize(3);
  }

  @Test
  void spendsOnlyASmallPartOfTheTimeOnCheckpoints() throws Exception {
    // Every look at the clock costs a second, so a checkpoint's copy does, and a step.
    loop(600, new NotANumber(call -> false), Duration.ofSeconds(1)).run();
    long written =
        events.stream().filter(TrainingEvent.CheckpointWritten.class::isInstance).count();
    assertThat(nanos / 1_000_000_000L).isBetween(1_800L, 3_600L);
    assertThat(written).isBetween(10L, 40L);
  }

  private TrainingLoop loop(long steps, Objective objective, Duration checkpoint) throws Exception {
    TrainingRun run =
        TrainingRun.fromWeights(
            NETWORK,
            objective,
            new TrainingData(BuiltInPictures.generate(20, 8, 1), null),
            TrainingRecipe.shortRun(steps, 2, 3),
            Parameters.initialTensors(NETWORK, 1),
            0,
            manager);
    return new TrainingLoop(
        run,
        new CheckpointStore(folder.resolve("checkpoints"), "run"),
        folder.resolve("snapshots"),
        average -> null,
        new TrainingControl(),
        events::add,
        () -> nanos += 1_000_000_000L,
        new Intervals(checkpoint, LONG, LONG));
  }

  /** The flow's loss, which is no number at the calls that {@code when} names. */
  private static final class NotANumber implements Objective {
    private final LongPredicate when;
    private long calls;

    NotANumber(LongPredicate when) {
      this.when = when;
    }

    @Override
    public NDArray losses(NDManager step, Network network, Parameters parameters, Batch batch) {
      NDArray losses = new FlowObjective().losses(step, network, parameters, batch);
      return when.test(calls++) ? losses.mul(Float.NaN) : losses;
    }
  }
}
