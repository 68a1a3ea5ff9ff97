package org.skerry.trainer.training;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;

/**
 * Prepares the batches of the next few steps on threads of its own. A batch is a function of its
 * step alone, so nothing depends on which thread makes it or when; asking for another step than the
 * next drops what was prepared. Owned by the thread that trains; its threads leave by themselves
 * when nobody asks any more.
 */
final class Prefetcher implements AutoCloseable {
  private static final long IDLE_SECONDS = 10;

  private final ThreadPoolExecutor threads;
  private final int depth;
  private final Deque<Future<HostBatch>> ahead = new ArrayDeque<>();
  private final LongFunction<Callable<HostBatch>> plan;
  private long nextStep = -1;
  private long waitedNanos;

  /**
   * @param depth batches that are ready or in the making
   * @param plan says, on the caller's thread, how to make the batch of a step, which then happens
   *     on any thread, several at once
   */
  Prefetcher(int threadCount, int depth, LongFunction<Callable<HostBatch>> plan) {
    this.depth = depth;
    this.plan = plan;
    this.threads =
        new ThreadPoolExecutor(
            threadCount,
            threadCount,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().name("data-", 0).daemon().factory());
    threads.allowCoreThreadTimeOut(true);
  }

  /** The batch of {@code step}; waits for it when it must. */
  HostBatch take(long step) throws IOException {
    long begin = System.nanoTime();
    try {
      if (step != nextStep) {
        drop();
        nextStep = step;
      }
      fill();
      Future<HostBatch> future = ahead.remove();
      nextStep++;
      fill();
      return await(future);
    } finally {
      waitedNanos += System.nanoTime() - begin;
    }
  }

  /** Time that {@link #take} has waited for data. */
  long waitedNanos() {
    return waitedNanos;
  }

  private void fill() {
    while (ahead.size() < depth) {
      ahead.add(threads.submit(plan.apply(nextStep + ahead.size())));
    }
  }

  /** Without interrupting: that would close the files that are being read. */
  private void drop() {
    ahead.forEach(future -> future.cancel(false));
    ahead.clear();
    nextStep = -1;
  }

  private static HostBatch await(Future<HostBatch> future) throws IOException {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for data");
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof IOException io) {
        throw io;
      }
      throw new IllegalStateException("data could not be prepared: " + cause, cause);
    } catch (CancellationException e) {
      throw new IllegalStateException("asked for data after they were closed", e);
    }
  }

  @Override
  public void close() {
    drop();
    threads.shutdown();
  }
}
