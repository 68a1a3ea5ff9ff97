package org.skerry.node.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.diffusion.DitSize;
import org.skerry.diffusion.NetworkConfig;
import org.skerry.diffusion.optimizer.Optimizer;
import org.skerry.diffusion.torch.Precision;
import org.skerry.trainer.training.MemoryEstimate;
import org.skerry.trainer.training.Recompute;
import org.skerry.trainer.worker.job.MeasureResult;

/** Whether gradient checkpointing is used, and what is measured then. */
class RecomputedEstimatesTest {
  private static final NetworkConfig NETWORK = DitSize.published("DiT-L/2", 32);
  private static final MemoryEstimate MEMORY =
      MemoryEstimate.of(NETWORK, Optimizer.Rule.ADAMW, 1_000);
  private static final UnitPlan PLAN =
      new UnitPlan(NETWORK, Optimizer.Rule.ADAMW, Precision.BFLOAT16, 32, 1_000_000, MEMORY);
  private static final long TIGHT =
      (long) (1.25 * (MEMORY.bytes(1) + MEMORY.recomputed().bytes(1)) / 2);

  @TempDir Path folder;
  private final List<Boolean> measured = new ArrayList<>();

  private Estimates estimates(long memoryBytes, Recompute recompute) {
    return new Estimates(
        new Estimates.Machine("cpu", 1, "test/1", memoryBytes, recompute),
        SpeedBook.open(folder.resolve("speeds.json")),
        Optional.of((plan, batch, recomputes) -> {
          measured.add(recomputes);
          return new MeasureResult(recomputes ? 3 : 4, 1, 0);
        }),
        InstantSource.system());
  }

  @Test
  void blocksAreComputedAgainWhenNotEvenOneImageFitsOtherwise() {
    UnitEstimate tight = estimates(TIGHT, Recompute.AUTO).of(PLAN);
    assertThat(tight.recomputes()).isTrue();
    assertThat(tight.fits()).isTrue();
    assertThat(tight.numbers()).contains("gradient checkpointing");
    assertThat(tight.memoryBytes()).isLessThan(MEMORY.bytes(1));
    assertThat(estimates(TIGHT, Recompute.OFF).of(PLAN).fits()).isFalse();
    UnitEstimate ample = estimates(1L << 40, Recompute.AUTO).of(PLAN);
    assertThat(ample.recomputes()).isFalse();
    assertThat(ample.numbers()).doesNotContain("checkpointing");
  }

  @Test
  void whoWantsItHasItAndLargerPartsForIt() {
    long memory = 16L * MEMORY.activationBytesPerImage() + MEMORY.bytes(1);
    UnitEstimate kept = estimates(memory, Recompute.OFF).of(PLAN);
    UnitEstimate again = estimates(memory, Recompute.ON).of(PLAN);
    assertThat(again.recomputes()).isTrue();
    assertThat(again.microBatch()).isGreaterThan(kept.microBatch());
  }

  @Test
  void eachWayIsMeasuredOnItsOwn() throws Exception {
    Estimates plain = estimates(1L << 40, Recompute.AUTO);
    Estimates again = estimates(1L << 40, Recompute.ON);
    plain.measure(PLAN);
    plain.measure(PLAN);
    again.measure(PLAN);
    assertThat(measured).containsExactly(false, true);
    assertThat(plain.of(PLAN).samplesPerSecond()).isEqualTo(4);
    assertThat(again.of(PLAN).samplesPerSecond()).isEqualTo(3);
  }
}
