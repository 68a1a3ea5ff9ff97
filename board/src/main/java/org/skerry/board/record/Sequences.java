package org.skerry.board.record;

import java.time.InstantSource;

/**
 * The numbers a peer signs under: {@code max(stored + 1, wall clock in ms)}, durable before they
 * are used. So a crash never signs twice under one number, and a node restored from a backup does
 * not either, as long as its clock went on. Safe for any thread.
 */
public final class Sequences {
  private final SequenceStore store;
  private final InstantSource clock;

  public Sequences(SequenceStore store, InstantSource clock) {
    this.store = store;
    this.clock = clock;
  }

  /** The next sequence of {@code name}, already stored. */
  public synchronized long next(String name) {
    long next = Math.max(store.last(name).orElse(-1) + 1, clock.millis());
    store.store(name, next);
    return next;
  }
}
