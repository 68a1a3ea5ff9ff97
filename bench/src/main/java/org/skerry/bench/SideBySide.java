package org.skerry.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongFunction;

/** Runs the same for many seeds, several at a time; tells on the error stream how far it is. */
final class SideBySide {
  private final int threads;
  private final long startNanos = System.nanoTime();

  SideBySide(int threads) {
    this.threads = threads;
  }

  /**
   * Runs {@code run} for the seeds 1 to {@code seeds}.
   *
   * @return what came out, by seed
   */
  <T> List<T> run(String what, int seeds, LongFunction<T> run) {
    List<Future<T>> running = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      for (int i = 1; i <= seeds; i++) {
        long seed = i;
        running.add(
            executor.submit(() -> {
              T result = replayable(what, seed, run);
              System.err.printf(
                  "%s %d after %.0f s%n", what, seed, (System.nanoTime() - startNanos) / 1e9);
              return result;
            }));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : running) {
        results.add(future.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw new IllegalStateException(what + " failed", e.getCause());
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted in " + what, e);
    }
  }

  /** Names the seed of what fails, which is all that it takes to see it again. */
  private static <T> T replayable(String what, long seed, LongFunction<T> run) {
    try {
      return run.apply(seed);
    } catch (RuntimeException e) {
      throw new IllegalStateException(what + " of seed " + seed + " failed", e);
    }
  }
}
