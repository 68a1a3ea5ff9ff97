package org.skerry.node.daemon;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.skerry.board.claim.Fit;
import org.skerry.board.document.ModelSpec;
import org.skerry.board.document.Task;
import org.skerry.board.document.Unit;
import org.skerry.board.trust.UnitJudgement;
import org.skerry.node.config.ByteSize;
import org.skerry.node.estimate.Estimates;
import org.skerry.node.estimate.UnitEstimate;
import org.skerry.node.estimate.UnitPlan;
import org.skerry.node.event.Event;
import org.skerry.node.event.EventSink;
import org.skerry.node.task.Units;
import org.skerry.transfer.BlobId;

/** How a task's units suit this computer. Owned by the thread of its {@link TaskWork}. */
final class UnitFits {
  /** Until its line was measured, a computer is taken to have one of about 8 Mbit/s. */
  private static final double ASSUMED_BYTES_PER_SECOND = 1 << 20;

  private final Task task;
  private final Estimates estimates;
  private final Blobs blobs;
  private final EventSink events;
  private final Map<Integer, UnitPlan> plans = new HashMap<>();
  private final TreeSet<Integer> tooLarge = new TreeSet<>();
  private final TreeSet<Integer> tooSlow = new TreeSet<>();

  UnitFits(Task task, Estimates estimates, Blobs blobs, EventSink events) {
    this.task = task;
    this.estimates = estimates;
    this.blobs = blobs;
    this.events = events;
  }

  UnitPlan plan(int unit) {
    return plans.computeIfAbsent(unit, index -> UnitPlan.of(task.manifest(), task.unit(index)));
  }

  /** Whether memory suffices; tells the owner once where it does not. */
  boolean inMemory(Unit unit) {
    UnitEstimate estimate = estimates.of(plan(unit.index()));
    if (!estimate.fits() && tooLarge.add(unit.index())) {
      events.record(
          new Event.TooLarge(
              task.id().toString(),
              Units.nameOf(unit),
              estimate.memoryBytes(),
              estimates.machine().memoryBytes()));
    }
    return estimate.fits();
  }

  /** How soon the unit could be finished here; empty when its steps would take too long. */
  Optional<Fit> of(Unit unit, UnitJudgement judged) {
    UnitPlan plan = plan(unit.index());
    UnitEstimate estimate = estimates.of(plan);
    long done =
        judged
            .newestAccepted()
            .map(newest -> newest.manifest().document().step() * plan.batch())
            .orElse(0L);
    long dataBytes = dataBytes(unit);
    boolean here = blobs.store().has(new BlobId(unit.indexBlob()));
    Fit.Needs needs =
        new Fit.Needs(
            estimate.memoryBytes(),
            Math.max(0, plan.samplesToTrain() - done),
            plan.batch(),
            dataBytes);
    Fit.Means means =
        new Fit.Means(
            estimates.machine().memoryBytes(),
            estimate.samplesPerSecond(),
            here ? dataBytes : 0,
            ASSUMED_BYTES_PER_SECOND,
            Double.POSITIVE_INFINITY);
    Optional<Fit> fit = Fit.of(needs, means, task.leaseMs());
    if (fit.isPresent()) {
      tooSlow.remove(unit.index());
    } else {
      tooSlow.add(unit.index());
    }
    return fit;
  }

  /** About what the unit's images take, as no index was fetched yet that would say so. */
  private long dataBytes(Unit unit) {
    ModelSpec model = task.manifest().expertModel();
    return unit.samples() * model.imageSize() * model.imageSize() * model.channels();
  }

  /** What does not fit this computer, in words; empty while something might. */
  Optional<String> whyNothingFits() {
    if (!tooLarge.isEmpty()) {
      UnitEstimate estimate = estimates.of(plan(tooLarge.first()));
      return Optional.of(
          "%d of %d units of %s need more memory than limits.memory = %s, such as %s with about %s"
              .formatted(
                  tooLarge.size(),
                  task.units().size(),
                  task.name(),
                  ByteSize.format(estimates.machine().memoryBytes()),
                  Units.nameOf(task.unit(tooLarge.first())),
                  ByteSize.format(estimate.memoryBytes())));
    }
    return tooSlow.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "a step of %d of %d units of %s would take longer here than its lease of %d s allows"
                .formatted(
                    tooSlow.size(), task.units().size(), task.name(), task.leaseMs() / 1000));
  }
}
