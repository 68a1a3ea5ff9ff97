package org.skerry.simulation;

import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * One clock, one source of randomness and one queue of events. Events of the same time happen in
 * the order in which they were asked for, so a seed says everything that happens.
 *
 * <p>One thread owns it and all that is simulated with it.
 */
public final class Simulation {
  /** Far from 0, as clocks of today are: 14 November 2023. */
  private static final long START_MS = 1_700_000_000_000L;

  private record Event(long atMs, long order, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(atMs, other.atMs);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  private final long seed;
  private final RandomGenerator random;
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private long nowMs = START_MS;
  private long asked;

  public Simulation(long seed) {
    this.seed = seed;
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  /** What a failing run is to be repeated with. */
  public long seed() {
    return seed;
  }

  public long nowMs() {
    return nowMs;
  }

  public RandomGenerator random() {
    return random;
  }

  /** Lets {@code action} happen {@code delayMs} from now. */
  public void after(long delayMs, Runnable action) {
    if (delayMs < 0) {
      throw new IllegalArgumentException("a delay of " + delayMs + " ms lies in the past");
    }
    events.add(new Event(nowMs + delayMs, asked++, action));
  }

  /** Lets all happen that lies within {@code durationMs} from now. */
  public void runFor(long durationMs) {
    runUntil(() -> false, durationMs);
  }

  /**
   * Lets things happen until {@code done}, at the longest for {@code limitMs}.
   *
   * @return whether it was done
   */
  public boolean runUntil(BooleanSupplier done, long limitMs) {
    long endMs = nowMs + limitMs;
    while (!done.getAsBoolean()) {
      Event next = events.peek();
      if (next == null || next.atMs() > endMs) {
        nowMs = endMs;
        return done.getAsBoolean();
      }
      events.remove();
      nowMs = next.atMs();
      next.action().run();
    }
    return true;
  }
}
