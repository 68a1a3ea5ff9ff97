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
  private volatile int dutyPercent = 100;
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

  /**
   * Asks for computing only a part of the time, from now on.
   *
   * @param percent 1 to 100
   */
  public void duty(int percent) {
    if (percent < 1 || percent > 100) {
      throw new IllegalArgumentException("a duty of " + percent + " %");
    }
    dutyPercent = percent;
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

  /**
   * Blocks as long as the duty asks for after {@code workNanos} of work, or until another wish
   * comes.
   */
  public void rest(long workNanos) throws InterruptedException {
    long left = workNanos * (100 - dutyPercent) / dutyPercent;
    lock.lock();
    try {
      while (left > 0 && wish == Wish.RUNNING) {
        left = changed.awaitNanos(left);
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
