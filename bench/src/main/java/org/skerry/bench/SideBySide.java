package org.skerry.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongFunction;
import org.skerry.trainer.DurableFiles;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs the same for many seeds, several at a time, and tells on the error stream how far it is.
 * What a seed gave is kept in a folder, if there is one, and used when the same is run again.
 */
final class SideBySide {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final int threads;
  private final Optional<Path> folder;
  private final String settings;
  private final long startNanos = System.nanoTime();

  /**
   * @param settings all that results depend on beside the seed: those of others are not used
   */
  SideBySide(int threads, Optional<Path> folder, String settings) {
    this.threads = threads;
    this.folder = folder;
    this.settings = settings;
  }

  /**
   * Runs {@code run} for the seeds 1 to {@code seeds}.
   *
   * @return what came out, by seed
   */
  <T> List<T> run(String what, int seeds, Class<T> kind, LongFunction<T> run) throws IOException {
    List<Future<T>> running = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      for (int i = 1; i <= seeds; i++) {
        long seed = i;
        running.add(executor.submit(() -> known(what, seed, kind, run)));
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

  private <T> T known(String what, long seed, Class<T> kind, LongFunction<T> run)
      throws IOException {
    Optional<Path> file = folder.map(into -> into.resolve(what + "-" + seed + ".json"));
    if (file.isPresent() && Files.exists(file.get())) {
      JsonNode kept = JSON.readTree(Files.readAllBytes(file.get()));
      if (kept.path("settings").asString("").equals(settings)) {
        return JSON.treeToValue(kept.get("result"), kind);
      }
    }
    T result = replayable(what, seed, run);
    if (file.isPresent()) {
      ObjectNode kept = JSON.createObjectNode().put("settings", settings);
      kept.set("result", JSON.valueToTree(result));
      Files.createDirectories(file.get().getParent());
      DurableFiles.write(file.get(), JSON.writeValueAsBytes(kept));
    }
    System.err.printf("%s %d after %.0f s%n", what, seed, (System.nanoTime() - startNanos) / 1e9);
    return result;
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
