package org.skerry.node.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a command end well when its process is told to: the virtual machine waits, for a while,
 * until the command has closed what it opened.
 */
final class Ending implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final CountDownLatch ended = new CountDownLatch(1);

  /**
   * Watches for the end of the process.
   *
   * @param ask asks the command to end; called on a thread of its own
   */
  static Ending on(Runnable ask) {
    Ending ending = new Ending();
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> ending.end(ask)));
    return ending;
  }

  private void end(Runnable ask) {
    if (ended.getCount() == 0) {
      return; // the command is over, and its thread is the one that ends the process
    }
    ask.run();
    try {
      boolean closed = ended.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      if (!closed) {
        System.err.println("error: not everything could be closed in time; look into the logs");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Everything is closed. */
  @Override
  public void close() {
    ended.countDown();
  }
}
