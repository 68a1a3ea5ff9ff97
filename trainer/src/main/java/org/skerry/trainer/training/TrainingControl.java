package org.skerry.trainer.training;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What others may ask of a loop while it runs. Thread-safe.
 *
 * <pre>
 * RUNNING --pause--> PAUSED --resume--> RUNNING
 * RUNNING, PAUSED --stop--> STOPPING (final)
 * </pre>
 */
public final class TrainingControl {
  /** Where the loop is asked to be. */
  public enum Wish {
    RUNNING,
    PAUSED,
    STOPPING
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile Wish wish = Wish.RUNNING;
  private final AtomicBoolean snapshot = new AtomicBoolean();

  public void pause() {
    change(Wish.PAUSED);
  }

  public void resume() {
    change(Wish.RUNNING);
  }

  public void stop() {
    change(Wish.STOPPING);
  }

  /** Asks for a snapshot to publish, soon. */
  public void requestSnapshot() {
    snapshot.set(true);
  }

  /** Whether a snapshot was asked for since the last call. */
  boolean takeSnapshotRequest() {
    return snapshot.getAndSet(false);
  }

  public Wish wish() {
    return wish;
  }

  /** Blocks while {@link Wish#PAUSED}. */
  public void awaitNotPaused() throws InterruptedException {
    lock.lock();
    try {
      while (wish == Wish.PAUSED) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  private void change(Wish next) {
    lock.lock();
    try {
      if (wish != Wish.STOPPING) {
        wish = next;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }
}
