package org.skerry.board.claim;

import java.util.Optional;

/**
 * How well a unit suits this computer. It decides what this peer would rather claim, never who
 * stays among those that did: others could not check it.
 *
 * @param hours from now to the unit's end, here: to fetch what is missing and to train
 */
public record Fit(double hours) {
  /** Where nothing is known: all units are the same. */
  public static final Fit EVEN = new Fit(1);

  /** Below this, one unit is as soon done as another. */
  private static final double SHORTEST_HOURS = 0.01;

  /**
   * What a unit asks for.
   *
   * @param memoryBytes at least
   * @param samplesLeft to train until the recipe ends
   * @param samplesPerStep of which one step is made, the least that counts as progress
   * @param dataBytes to have before the first step
   */
  public record Needs(long memoryBytes, long samplesLeft, int samplesPerStep, long dataBytes) {}

  /**
   * What this computer has for it.
   *
   * @param memoryBytes that a worker may have
   * @param samplesPerSecond of this unit's network here; 0 when it is not known
   * @param heldBytes of the unit's data that are here already
   * @param bytesPerSecond of the line; 0 when it is not known
   * @param hoursLeft until the work is to be done; infinite where there is no deadline
   */
  public record Means(
      long memoryBytes,
      double samplesPerSecond,
      long heldBytes,
      double bytesPerSecond,
      double hoursLeft) {}

  public Fit {
    if (!(hours > 0)) {
      throw new IllegalArgumentException("a unit that takes " + hours + " hours");
    }
  }

  /**
   * How {@code needs} and {@code means} go together; empty when the unit is not for this computer:
   * its memory is too small, a step takes so long that the lease would end before it counts as
   * progress, or the deadline is nearer than the end.
   *
   * @param leaseMs of the task
   */
  public static Optional<Fit> of(Needs needs, Means means, long leaseMs) {
    if (needs.memoryBytes() > means.memoryBytes()) {
      return Optional.empty();
    }
    double missing = Math.max(0, needs.dataBytes() - means.heldBytes());
    double fetchSeconds = means.bytesPerSecond() > 0 ? missing / means.bytesPerSecond() : 0;
    double trainSeconds = 0;
    if (means.samplesPerSecond() > 0) {
      trainSeconds = needs.samplesLeft() / means.samplesPerSecond();
      double stepMs = 1000.0 * needs.samplesPerStep() / means.samplesPerSecond();
      if (stepMs > Liveness.stallLimitMs(leaseMs) / 2.0) {
        return Optional.empty();
      }
    }
    double hours = Math.max(SHORTEST_HOURS, (fetchSeconds + trainSeconds) / 3600);
    return hours > means.hoursLeft() ? Optional.empty() : Optional.of(new Fit(hours));
  }

  /** How much this unit counts beside others in this peer's choice. */
  double weight() {
    return 1 / hours;
  }
}
