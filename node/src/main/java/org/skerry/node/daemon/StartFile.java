package org.skerry.node.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.skerry.node.home.AtomicFile;
import org.skerry.trainer.worker.job.TrainConfig;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Remembers where a line of training started: the trainer goes on from a checkpoint only under the
 * very same start.
 */
final class StartFile {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private StartFile() {}

  static void write(Path folder, TrainConfig.Start start) throws IOException {
    AtomicFile.write(folder.resolve("start.json"), JSON.writeValueAsBytes(start));
  }

  /** The start of {@code folder}'s line; a fresh one of {@code seed} when none was written. */
  static TrainConfig.Start read(Path folder, long seed) throws IOException {
    Path file = folder.resolve("start.json");
    if (!Files.exists(file)) {
      return TrainConfig.Start.fresh(seed);
    }
    try {
      return JSON.readValue(Files.readAllBytes(file), TrainConfig.Start.class);
    } catch (JacksonException e) {
      throw new IOException(file + " is damaged; delete the folder it is in to start over", e);
    }
  }
}
