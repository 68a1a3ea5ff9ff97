package org.skerry.node.guest;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.skerry.node.guest.Condition.Answer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps to the conditions under which the owner lends something: asks them all, again and again, on
 * a virtual thread of its own, and says when the first of them begins and the last ceases to stand
 * against it.
 */
public final class Guest implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Guest.class);

  private final Duration every;
  private final InstantSource clock;
  private final Consumer<Optional<Hindrance>> listener;
  private final ReentrantLock asking = new ReentrantLock();
  private final Thread thread;
  private volatile List<Condition> conditions;
  private volatile State state = new State(Optional.empty(), List.of());

  /**
   * How everything stands.
   *
   * @param hindrance the first of the conditions that do not hold
   */
  public record State(Optional<Hindrance> hindrance, List<Standing> standings) {
    public State {
      standings = List.copyOf(standings);
    }
  }

  /**
   * How one condition stands.
   *
   * @param name among the settings
   * @param wish of the owner
   * @param seen for people, what was found
   */
  public record Standing(String name, String wish, String seen, boolean holds) {}

  /**
   * Asks the conditions for the first time, and then goes on.
   *
   * @param listener hears of a hindrance that begins, is followed by another, or is over; on the
   *     thread that found it out
   */
  Guest(
      List<Condition> conditions,
      Duration every,
      InstantSource clock,
      Consumer<Optional<Hindrance>> listener)
      throws InterruptedException {
    this.conditions = List.copyOf(conditions);
    this.every = every;
    this.clock = clock;
    this.listener = listener;
    ask();
    this.thread = Thread.ofVirtual().name("guest").start(this::run);
  }

  /** The answers of the last time. */
  public State state() {
    return state;
  }

  /** Other conditions hold from now on. */
  void set(List<Condition> newConditions) throws InterruptedException {
    conditions = List.copyOf(newConditions);
    ask();
  }

  /** Asks now; the listener has heard what changed when this returns. */
  public void ask() throws InterruptedException {
    asking.lockInterruptibly();
    try {
      Instant now = clock.instant();
      List<Standing> standings = new ArrayList<>();
      Optional<Hindrance> first = Optional.empty();
      for (Condition condition : conditions) {
        Answer answer = ask(condition, now);
        first = first.or(answer::hindrance);
        standings.add(
            new Standing(
                condition.name(), condition.wish(), answer.seen(), answer.hindrance().isEmpty()));
      }
      Optional<String> before = state.hindrance().map(Hindrance::name);
      state = new State(first, standings);
      if (!before.equals(first.map(Hindrance::name))) {
        listener.accept(first);
      }
    } finally {
      asking.unlock();
    }
  }

  private static Answer ask(Condition condition, Instant now) throws InterruptedException {
    try {
      return condition.ask(now);
    } catch (RuntimeException e) {
      LOG.error("{} cannot be asked", condition.name(), e);
      return condition.against(condition.name() + " cannot be asked; the daemon's log says why");
    }
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(every);
        ask();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Asks no more, not even for an answer that is under way. */
  @Override
  public void close() throws InterruptedException {
    thread.interrupt();
    thread.join();
  }
}
