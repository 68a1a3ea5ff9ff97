package org.skerry.node.estimate;

import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.skerry.trainer.training.MemoryEstimate;
import org.skerry.trainer.training.Recompute;
import org.skerry.trainer.worker.job.MeasureResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows what units would take on this computer: memory by arithmetic, speed from a measurement that
 * is made once, and from real training when that differs. Thread-safe.
 */
public final class Estimates {
  private static final Logger LOG = LoggerFactory.getLogger(Estimates.class);

  /** A measurement must not need more memory than training, nor minutes for a step. */
  private static final long MEASURED_ACTIVATION_BYTES = 256L << 20;

  private static final double WORTH_NOTING = 0.15;

  private volatile Machine machine;
  private final SpeedBook book;
  private final Optional<SpeedMeter> meter;
  private final InstantSource clock;
  private final Set<String> unmeasurable = ConcurrentHashMap.newKeySet();

  /**
   * What trains.
   *
   * @param device {@code cpu} or {@code cuda:N}
   * @param software name and version
   * @param memoryBytes that a worker may have
   * @param recompute whether blocks are computed again for their gradient, to save memory
   */
  public record Machine(
      String device, int threads, String software, long memoryBytes, Recompute recompute) {}

  /** How a unit would be held in memory. */
  private record Fit(MemoryEstimate memory, int microBatch, boolean recomputes) {}

  /**
   * @param meter empty to go by what is known already
   */
  public Estimates(
      Machine machine, SpeedBook book, Optional<SpeedMeter> meter, InstantSource clock) {
    this.machine = machine;
    this.book = book;
    this.meter = meter;
    this.clock = clock;
  }

  public Machine machine() {
    return machine;
  }

  /** From now on the owner lends something else. */
  public void lend(Machine newMachine) {
    machine = newMachine;
  }

  /** What {@code plan} would take here, as far as it is known. */
  public UnitEstimate of(UnitPlan plan) {
    Fit fit = fit(plan);
    double speed = book.find(key(plan, fit)).map(Speed::samplesPerSecond).orElse(0.0);
    return new UnitEstimate(
        plan.memory().parameters(),
        fit.memory().bytes(Math.max(1, fit.microBatch())),
        fit.microBatch(),
        fit.recomputes(),
        plan.batch(),
        speed,
        speed > 0 ? plan.samplesToTrain() / speed / 3600 : 0);
  }

  /** Whether {@link #measure} could tell more: no speed is known, it fits, and it never failed. */
  public boolean wantsMeasuring(UnitPlan plan) {
    Fit fit = fit(plan);
    String key = key(plan, fit);
    return meter.isPresent()
        && fit.microBatch() > 0
        && book.find(key).isEmpty()
        && !unmeasurable.contains(key);
  }

  /** Measures {@code plan} if {@link #wantsMeasuring}; takes seconds, and a minute on bad days. */
  public void measure(UnitPlan plan) throws InterruptedException {
    if (!wantsMeasuring(plan)) {
      return;
    }
    Fit fit = fit(plan);
    String key = key(plan, fit);
    int part = fit.microBatch();
    while (part > 1 && part * fit.memory().activationBytesPerImage() > MEASURED_ACTIVATION_BYTES) {
      part = (part + 1) / 2;
    }
    try {
      MeasureResult result = meter.orElseThrow().measure(plan, part, fit.recomputes());
      if (result.samplesPerSecond() > 0) {
        note(key, result.samplesPerSecond(), result.peakBytes(), false);
      }
    } catch (IOException | IllegalArgumentException e) {
      unmeasurable.add(key);
      LOG.warn("the speed of {} cannot be measured: {}", plan.network(), e.getMessage());
    }
  }

  /** Takes in how fast real training is. */
  public void observe(UnitPlan plan, double samplesPerSecond) {
    if (!(samplesPerSecond > 0)) {
      return;
    }
    String key = key(plan, fit(plan));
    Optional<Speed> known = book.find(key);
    boolean differs =
        known.isEmpty()
            || Math.abs(samplesPerSecond / known.get().samplesPerSecond() - 1) > WORTH_NOTING;
    if (differs) {
      note(key, samplesPerSecond, known.map(Speed::peakBytes).orElse(0L), true);
    }
  }

  private void note(String key, double samplesPerSecond, long peakBytes, boolean trained) {
    book.put(key, new Speed(samplesPerSecond, peakBytes, clock.millis(), trained));
  }

  /** Blocks are computed again when that is wished, or when not even one image fits otherwise. */
  private Fit fit(UnitPlan plan) {
    int part = plan.memory().microBatch(plan.batch(), machine.memoryBytes());
    boolean recomputes =
        machine.recompute() == Recompute.ON || (machine.recompute() == Recompute.AUTO && part == 0);
    MemoryEstimate memory = recomputes ? plan.memory().recomputed() : plan.memory();
    return new Fit(memory, memory.microBatch(plan.batch(), machine.memoryBytes()), recomputes);
  }

  private String key(UnitPlan plan, Fit fit) {
    return "%s, %d threads, %s, %s, %s%s, batch %d, %s%s"
        .formatted(
            machine.device(),
            machine.threads(),
            machine.software(),
            plan.optimizer(),
            plan.precision(),
            fit.recomputes() ? " recomputed" : "",
            plan.batch(),
            new TreeMap<>(plan.network().toProperties()),
            plan.textTokens() > 0 ? ", texts of " + plan.textTokens() : "");
  }
}
