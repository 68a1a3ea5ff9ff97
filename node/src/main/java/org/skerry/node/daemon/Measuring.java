package org.skerry.node.daemon;

import java.util.Optional;
import org.skerry.node.estimate.Estimates;
import org.skerry.node.estimate.UnitPlan;

/**
 * Measures how fast this computer trains a unit before it is claimed: one at a time, on a thread of
 * its own, so that whoever wants the computer back does not wait. Owned by the thread of a {@link
 * VolunteerLoop}; {@link #what} and {@link #cancel} may be called from any thread.
 */
final class Measuring {
  private final Estimates estimates;
  private final Pulse pulse;
  private volatile Optional<Running> running = Optional.empty();

  private record Running(String what, Thread thread) {}

  /**
   * @param pulse woken when a measurement has ended
   */
  Measuring(Estimates estimates, Pulse pulse) {
    this.estimates = estimates;
    this.pulse = pulse;
  }

  /**
   * Sees to it that the speed of {@code plan} becomes known.
   *
   * @param what is measured, in words
   * @return whether it has to be waited for
   */
  boolean begin(String what, UnitPlan plan) {
    if (!estimates.wantsMeasuring(plan)) {
      return false;
    }
    if (running.isEmpty()) {
      Thread thread = Thread.ofVirtual().name("measuring").unstarted(() -> measure(plan));
      running = Optional.of(new Running(what, thread));
      thread.start();
    }
    return true;
  }

  private void measure(UnitPlan plan) {
    try {
      estimates.measure(plan);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      running = Optional.empty();
      pulse.wake();
    }
  }

  /** What is measured now. */
  Optional<String> what() {
    return running.map(Running::what);
  }

  /** Ends what goes on, without waiting for it; it can begin again. */
  void cancel() {
    running.ifPresent(current -> current.thread().interrupt());
  }
}
