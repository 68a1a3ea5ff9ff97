package org.skerry.node.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.diffusion.NetworkConfig;
import org.skerry.diffusion.UNetConfig;
import org.skerry.diffusion.optimizer.Optimizer;
import org.skerry.diffusion.torch.Precision;
import org.skerry.node.worker.Workers;
import org.skerry.trainer.training.MemoryEstimate;
import org.skerry.trainer.worker.MemoryCap;
import org.skerry.trainer.worker.WorkerProcess;
import org.skerry.trainer.worker.job.MeasureResult;

/** Measures with real workers. */
class WorkerSpeedMeterIT {
  private static final NetworkConfig NETWORK = new UNetConfig(3, 16, 8, 2, 32, 8, 0);
  private static final UnitPlan PLAN =
      new UnitPlan(
          NETWORK,
          Optimizer.Rule.MUON,
          Precision.FLOAT32,
          8,
          1_000,
          MemoryEstimate.of(NETWORK, Optimizer.Rule.MUON, 64));
  private static final MemoryCap CAP = new MemoryCap(1L << 30);

  @TempDir Path folder;
  private final AtomicReference<WorkerProcess> worker = new AtomicReference<>();

  private WorkerSpeedMeter meter(Duration limit) {
    return new WorkerSpeedMeter(
        recomputes -> {
          WorkerProcess made =
              Workers.inBackground(
                  folder.resolve("work"),
                  folder.resolve("worker.log"),
                  1,
                  0,
                  Optional.of(CAP),
                  recomputes);
          worker.set(made);
          return made;
        },
        "cpu",
        () -> 1,
        limit);
  }

  @Test
  void tellsSpeedAndMemoryUnderTheCapThatTrainingHas() throws Exception {
    MeasureResult result = meter(Duration.ofMinutes(2)).measure(PLAN, 8, false);
    assertThat(result.samplesPerSecond()).isPositive();
    assertThat(result.peakBytes()).isBetween(100L << 20, CAP.bytes());
  }

  @Test
  void whatTakesTooLongIsGivenUpAndItsWorkerEnds() {
    assertThatThrownBy(() -> meter(Duration.ofMillis(300)).measure(PLAN, 8, false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("takes more than");
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> worker.get().pid().isEmpty());
  }
}
