package org.skerry.transfer.fetch;

import static org.junit.jupiter.api.Assertions.assertAll;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.function.Executable;

/** Transfers over bad lines, some at once: most of the time each waits. */
final class BadLineMatrix {
  private static final Duration LIMIT = Duration.ofMinutes(15);

  /**
   * One of them.
   *
   * @param sources peers that have the blob
   */
  record Cell(BadLine.Manners manners, int sources, int blobBytes) {}

  private final Path folder;
  private final int atOnce;
  private final long seed;

  BadLineMatrix(Path folder, int atOnce, long seed) {
    this.folder = folder;
    this.atOnce = atOnce;
    this.seed = seed;
  }

  /** Runs the cells, prints what each came to, and fails with all their failures. */
  void run(List<Cell> cells) throws Exception {
    try (ExecutorService threads =
        Executors.newFixedThreadPool(atOnce, Thread.ofVirtual().factory())) {
      List<Future<?>> runs = new ArrayList<>();
      for (Cell cell : cells) {
        runs.add(
            threads.submit(() -> {
              run(cell);
              return null;
            }));
      }
      assertAll(runs.stream().map(run -> (Executable) run::get));
    }
  }

  private void run(Cell cell) throws Exception {
    Path place = Files.createTempDirectory(folder, "line");
    try (BadLineCell run =
        new BadLineCell(
            place, cell.manners(), cell.sources(), cell.blobBytes(), FetchLimits.DEFAULT, seed)) {
      System.out.println("seed " + seed + ": " + cell + ": " + run.run(LIMIT));
    } catch (Exception | AssertionError e) {
      throw new AssertionError("seed " + seed + ": " + cell + ": " + e.getMessage(), e);
    }
  }
}
