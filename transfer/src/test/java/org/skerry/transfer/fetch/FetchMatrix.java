package org.skerry.transfer.fetch;

import static org.junit.jupiter.api.Assertions.assertAll;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.function.Executable;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.TestBlobs;
import org.skerry.transfer.fetch.FetchCell.Cell;
import org.skerry.transfer.store.BlobStore;

/**
 * Fetches in every combination of a blob's size, what lies in the store before, and what is wrong
 * with a source, which is alone or beside an honest one. After each, what must hold is checked:
 *
 * <ul>
 *   <li>A fetch ends: with the whole blob, or typed, keeping every chunk that it verified.
 *   <li>Nothing stands under the blob's name before it is whole.
 *   <li>No chunk is asked for that was good on disk before.
 *   <li>A liar is counted once, by its kind of lie, and never asked again.
 * </ul>
 */
final class FetchMatrix implements AutoCloseable {
  private static final int CELLS_AT_ONCE = 24;

  private final Path folder;
  private final FetchCell.Hosts hosts;
  private final BlobStore origin;

  FetchMatrix(Path folder, FetchCell.Hosts hosts) throws IOException {
    this.folder = folder;
    this.hosts = hosts;
    this.origin = BlobStore.open(Files.createDirectories(folder.resolve("origin")));
  }

  /** The size of a blob of so many chunks, whose last has 100 bytes less unless it is full. */
  static int bytes(int chunks, boolean full) {
    return chunks * BlobHead.CHUNK_BYTES - (full ? 0 : 100);
  }

  /** Runs the cells of blobs of these sizes, some at once, and fails with all their failures. */
  void run(Collection<Integer> sizes, Fault fault, boolean honestToo, long seed) throws Exception {
    try (ExecutorService threads =
        Executors.newFixedThreadPool(CELLS_AT_ONCE, Thread.ofVirtual().factory())) {
      List<Future<?>> runs = new ArrayList<>();
      for (int bytes : sizes) {
        byte[] blob = TestBlobs.random(bytes, seed);
        origin.add(blob);
        for (Before before : Before.values()) {
          Cell cell = new Cell(bytes, seed, before, fault, honestToo);
          runs.add(threads.submit(run(cell, blob)));
        }
      }
      assertAll(runs.stream().map(run -> (Executable) run::get));
    }
  }

  private Callable<Void> run(Cell cell, byte[] blob) {
    return () -> {
      Path store = Files.createTempDirectory(folder, "cell");
      try (FetchCell run = new FetchCell(cell, blob, store, origin, hosts)) {
        run.run();
      }
      return null;
    };
  }

  @Override
  public void close() throws IOException {
    origin.close();
  }
}
