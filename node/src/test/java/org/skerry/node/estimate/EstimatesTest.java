package org.skerry.node.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.diffusion.DitConfig;
import org.skerry.diffusion.NetworkConfig;
import org.skerry.diffusion.optimizer.Optimizer;
import org.skerry.diffusion.torch.Precision;
import org.skerry.trainer.training.MemoryEstimate;
import org.skerry.trainer.training.Recompute;
import org.skerry.trainer.worker.job.MeasureResult;

class EstimatesTest {
  private static final long GIB = 1L << 30;
  private static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochSecond(9));
  private static final UnitPlan SMALL = plan(new DitConfig(3, 16, 2, 64, 2, 2, 256, 0, false), 32);
  private static final UnitPlan LARGE =
      plan(new DitConfig(4, 32, 2, 1152, 28, 16, 4608, 1000, true), 256);

  @TempDir Path folder;
  private final List<Integer> measured = new ArrayList<>();

  private static UnitPlan plan(NetworkConfig network, int batch) {
    Optimizer.Rule rule = Optimizer.Rule.ADAMW;
    return new UnitPlan(
        network, rule, Precision.FLOAT32, batch, 36_000, MemoryEstimate.of(network, rule, 1_000));
  }

  private Estimates estimates(String device, int threads, long memoryBytes) {
    SpeedMeter meter =
        (plan, batch, recomputes) -> {
          measured.add(batch);
          return new MeasureResult(10, 10.0 / batch, 5);
        };
    return new Estimates(
        new Estimates.Machine(device, threads, "test/1", memoryBytes, Recompute.OFF),
        SpeedBook.open(folder.resolve("speeds.json")),
        Optional.of(meter),
        CLOCK);
  }

  @Test
  void memoryIsKnownBeforeAnythingIsMeasuredAndTimeAfterwards() throws Exception {
    Estimates estimates = estimates("cpu", 1, 4 * GIB);
    UnitEstimate before = estimates.of(SMALL);
    assertThat(before.fits()).isTrue();
    assertThat(before.memoryBytes()).isBetween(300L << 20, 4 * GIB);
    assertThat(before.hours()).isZero();
    estimates.measure(SMALL);
    UnitEstimate after = estimates.of(SMALL);
    assertThat(after.samplesPerSecond()).isEqualTo(10);
    assertThat(after.hours()).isCloseTo(1, within(1e-9));
    assertThat(after.time()).isEqualTo("about 60 min");
  }

  @Test
  void whatWasMeasuredIsKeptForTheNextRunOfTheSameMachineOnly() throws Exception {
    estimates("cpu", 1, 4 * GIB).measure(SMALL);
    Estimates next = estimates("cpu", 1, 4 * GIB);
    assertThat(next.wantsMeasuring(SMALL)).isFalse();
    next.measure(SMALL);
    assertThat(measured).hasSize(1);
    assertThat(next.of(SMALL).samplesPerSecond()).isEqualTo(10);
    assertThat(estimates("cpu", 2, 4 * GIB).wantsMeasuring(SMALL)).isTrue();
    assertThat(estimates("cuda:0", 1, 4 * GIB).wantsMeasuring(SMALL)).isTrue();
  }

  @Test
  void whatDoesNotFitIsRefusedWithItsEstimateAndNotMeasured() throws Exception {
    Estimates estimates = estimates("cpu", 1, 8 * GIB);
    UnitEstimate estimate = estimates.of(LARGE);
    assertThat(estimate.fits()).isFalse();
    assertThat(estimate.memoryBytes()).isGreaterThan(8 * GIB);
    assertThat(estimates.wantsMeasuring(LARGE)).isFalse();
    estimates.measure(LARGE);
    assertThat(measured).isEmpty();
  }

  @Test
  void aLargeUnitIsMeasuredOnAPartOfItsBatch() throws Exception {
    estimates("cpu", 1, 400 * GIB).measure(LARGE);
    assertThat(measured).hasSize(1);
    assertThat(measured.getFirst()).isBetween(1, 8);
  }

  @Test
  void aMeasurementThatFailsIsNotRepeatedBeforeTheNextStart() throws Exception {
    Estimates estimates =
        new Estimates(
            new Estimates.Machine("cpu", 1, "test/1", 4 * GIB, Recompute.OFF),
            SpeedBook.open(folder.resolve("speeds.json")),
            Optional.of((plan, batch, recomputes) -> {
              measured.add(batch);
              throw new IOException("the worker died");
            }),
            CLOCK);
    estimates.measure(SMALL);
    estimates.measure(SMALL);
    assertThat(measured).hasSize(1);
    assertThat(estimates.wantsMeasuring(SMALL)).isFalse();
    assertThat(estimates.of(SMALL).time()).contains("not measured");
    assertThat(estimates("cpu", 1, 4 * GIB).wantsMeasuring(SMALL)).isTrue();
  }

  @Test
  void realTrainingCorrectsWhatAShortMeasurementSaid() throws Exception {
    Estimates estimates = estimates("cpu", 1, 4 * GIB);
    estimates.measure(SMALL);
    estimates.observe(SMALL, 10.5);
    assertThat(estimates.of(SMALL).samplesPerSecond()).isEqualTo(10);
    estimates.observe(SMALL, 20);
    estimates.observe(SMALL, Double.NaN);
    estimates.observe(SMALL, 0);
    assertThat(estimates.of(SMALL).samplesPerSecond()).isEqualTo(20);
    assertThat(estimates("cpu", 1, 4 * GIB).of(SMALL).hours()).isCloseTo(0.5, within(1e-9));
  }

  @Test
  void aBookThatIsNoBookStartsAfresh() throws Exception {
    for (String text :
        List.of("{", "[1]", "{\"a\": null}", "{\"a\": {\"samplesPerSecond\": -1}}")) {
      Files.writeString(folder.resolve("speeds.json"), text);
      assertThat(SpeedBook.open(folder.resolve("speeds.json")).all()).as(text).isEmpty();
    }
  }
}
