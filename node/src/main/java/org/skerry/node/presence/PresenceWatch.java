package org.skerry.node.presence;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Consumer;
import org.skerry.node.presence.Presence.State;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks a detector again and again, on a virtual thread of its own. */
public final class PresenceWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PresenceWatch.class);

  /**
   * What was found out last.
   *
   * @param since when the state was first seen
   */
  public record Seen(Presence presence, Instant since) {}

  private final PresenceDetector detector;
  private final Duration every;
  private final Consumer<State> listener;
  private final InstantSource clock;
  private final Thread thread;
  private volatile Seen seen;

  /**
   * Begins to ask; nothing is known before the first answer.
   *
   * @param listener hears every state that is another than the one before
   */
  public PresenceWatch(
      PresenceDetector detector, Duration every, Consumer<State> listener, InstantSource clock) {
    this.detector = detector;
    this.every = every;
    this.listener = listener;
    this.clock = clock;
    this.seen = new Seen(new Presence(State.UNKNOWN, "it is being found out"), clock.instant());
    this.thread = Thread.ofVirtual().name("presence").start(this::run);
  }

  public Seen latest() {
    return seen;
  }

  private void run() {
    try {
      while (true) {
        take(ask());
        Thread.sleep(every);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Presence ask() throws InterruptedException {
    try {
      return detector.detect();
    } catch (RuntimeException e) {
      LOG.debug("no answer", e);
      return new Presence(State.UNKNOWN, "asking fails: " + e);
    }
  }

  private void take(Presence presence) {
    Seen before = seen;
    if (presence.state() == before.presence().state()) {
      seen = new Seen(presence, before.since());
      return;
    }
    seen = new Seen(presence, clock.instant());
    LOG.info("the owner is now {}: {}", presence.state(), presence.reason());
    listener.accept(presence.state());
  }

  /** Asks no more, not even for an answer that is under way. */
  @Override
  public void close() throws InterruptedException {
    thread.interrupt();
    thread.join();
  }
}
