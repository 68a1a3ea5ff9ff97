package org.skerry.trainer.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.skerry.trainer.DurableFiles;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of one run in a folder: {@code step-NNNNNNNNNNNN}, complete or absent, the newest
 * {@value #KEPT} kept. A checkpoint is written under another name and renamed when it is on the
 * disk, so a crash at any moment leaves the ones before. One writer at a time.
 */
public final class CheckpointStore {
  /** Checkpoints kept: one may turn out to be damaged. */
  public static final int KEPT = 2;

  private static final Logger LOG = LoggerFactory.getLogger(CheckpointStore.class);
  private static final Pattern NAME = Pattern.compile("step-(\\d{12})");

  private final Path folder;
  private final String run;

  /**
   * @param folder created when needed
   * @param run identifies network, recipe and data; checkpoints of other runs are not resumed
   */
  public CheckpointStore(Path folder, String run) throws IOException {
    this.folder = folder;
    this.run = run;
    Files.createDirectories(folder);
  }

  /** Writes a checkpoint, unless it is there, and drops all but the newest. */
  public Checkpoint write(RunState state) throws IOException {
    String name = "step-%012d".formatted(state.step());
    Path target = folder.resolve(name);
    if (Files.exists(target)) {
      // This very state: a run's state is a function of its step, and damaged ones were removed.
      return new Checkpoint(target, state.step());
    }
    Path partial = folder.resolve(name + ".partial");
    DurableFiles.deleteTree(partial);
    Files.createDirectory(partial);
    try {
      Checkpoint.write(partial, state, run);
      DurableFiles.move(partial, target);
    } catch (IOException e) {
      // Most likely the disk is full; what was written must not keep it so.
      DurableFiles.deleteTree(partial);
      throw e;
    }
    List<Checkpoint> all = list();
    for (Checkpoint old : all.subList(Math.min(KEPT, all.size()), all.size())) {
      DurableFiles.deleteTree(old.folder());
    }
    return new Checkpoint(target, state.step());
  }

  /** The checkpoints that are there, newest first, unverified. */
  public List<Checkpoint> list() throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .map(CheckpointStore::parse)
          .flatMap(Optional::stream)
          .sorted(Comparator.comparingLong(Checkpoint::step).reversed())
          .toList();
    }
  }

  /** The state of the newest checkpoint that verifies; damaged ones are logged and removed. */
  public Optional<RunState> newest() throws IOException {
    for (Checkpoint checkpoint : list()) {
      try {
        return Optional.of(checkpoint.read(run));
      } catch (TrainerException e) {
        if (e.reason() != Reason.CORRUPT_CHECKPOINT) {
          throw e;
        }
        LOG.warn("{}; passing it over", e.getMessage());
        DurableFiles.deleteTree(checkpoint.folder());
      }
    }
    return Optional.empty();
  }

  private static Optional<Checkpoint> parse(Path path) {
    Matcher matcher = NAME.matcher(path.getFileName().toString());
    return matcher.matches()
        ? Optional.of(new Checkpoint(path, Long.parseLong(matcher.group(1))))
        : Optional.empty();
  }
}
