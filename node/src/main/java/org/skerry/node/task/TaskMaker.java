package org.skerry.node.task;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.Optional;
import org.skerry.board.document.Task;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.home.DiskTrouble;
import org.skerry.trainer.DurableFiles;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.Dataset;
import org.skerry.trainer.dataset.Datasets;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.ReadLimits;
import org.skerry.trainer.partition.Latents;
import org.skerry.trainer.partition.TaskBuilder;
import org.skerry.trainer.partition.TaskLayout;
import org.skerry.trainer.partition.TaskSpec;
import org.skerry.trainer.text.TextTable;

/** From a path with images to a task folder that is there whole or not at all. */
public final class TaskMaker {
  /** Names the built-in pictures where a path could stand. */
  public static final String BUILT_IN = "builtin";

  private static final int BUILT_IN_COUNT = 3_000;
  private static final long BUILT_IN_SEED = 1;

  private TaskMaker() {}

  /**
   * Reads images.
   *
   * @param source a folder, a WebDataset tar, or {@value #BUILT_IN}
   */
  public static Dataset read(String source, int imageSize) throws NodeException {
    if (source.equals(BUILT_IN)) {
      ImageSet images = BuiltInPictures.generate(BUILT_IN_COUNT, imageSize, BUILT_IN_SEED);
      return Dataset.whole(images);
    }
    try {
      return Datasets.open(Path.of(source), imageSize, ReadLimits.DEFAULT);
    } catch (TrainerException e) {
      throw refusal(e);
    }
  }

  /** Builds the files of partitions into a folder. */
  @FunctionalInterface
  private interface Build {
    TaskLayout in(Path folder) throws IOException;
  }

  /** Signs a task of partitions into a folder. */
  @FunctionalInterface
  private interface Sign {
    Task in(TaskLayout layout, Path folder) throws IOException;
  }

  /** Clusters {@code images} and signs the task, into {@code target}, which must not exist. */
  public static Task make(
      ImageSet images, TaskSpec spec, TaskPlan plan, Path target, PrivateKey publisher)
      throws NodeException {
    return make(
        folder -> new TaskBuilder(spec).build(images, folder), signer(plan, publisher), target);
  }

  /**
   * Signs a task of partitions into {@code target}, and writes what a researcher should see of them
   * into {@link #reportFolder} beside it; neither may exist.
   *
   * @param latents of the images, to train on instead
   * @param texts what experts read of the images' captions
   */
  public static Task make(
      Partitioner.Result result,
      Optional<Latents> latents,
      Optional<TextTable> texts,
      TaskPlan plan,
      Path target,
      PrivateKey publisher)
      throws NodeException {
    return make(result, latents, texts, signer(plan, publisher), target);
  }

  /**
   * Signs the version of a task that has the partitions of {@code result}, too, into {@code
   * target}, and reports as {@link #make(Partitioner.Result, Optional, Optional, TaskPlan, Path,
   * PrivateKey)} does.
   */
  public static Task extend(
      TaskFolder parent, Partitioner.Result result, Path target, PrivateKey publisher)
      throws NodeException {
    long nowMs = InstantSource.system().millis();
    return make(
        result,
        Optional.empty(),
        Optional.empty(),
        (layout, folder) -> TaskFactory.extend(parent, layout, folder, publisher, nowMs),
        target);
  }

  private static Sign signer(TaskPlan plan, PrivateKey publisher) {
    long nowMs = InstantSource.system().millis();
    return (layout, folder) -> TaskFactory.create(plan, layout, folder, publisher, nowMs);
  }

  private static Task make(
      Partitioner.Result result,
      Optional<Latents> latents,
      Optional<TextTable> texts,
      Sign sign,
      Path target)
      throws NodeException {
    Path report = reportFolder(target);
    requireAbsent(report);
    Task task =
        make(
            folder ->
                new TaskBuilder(result.spec())
                    .build(result.images(), latents, texts, result.partitioning(), folder),
            sign,
            target);
    try {
      result.report().write(result.images(), result.partitioning(), result.notes(), report);
      Files.write(report.resolve("copies.txt"), result.copies());
    } catch (IOException e) {
      throw DiskTrouble.cannotWrite(report, e);
    }
    return task;
  }

  /** {@code emoji.report} beside {@code emoji.task}. */
  public static Path reportFolder(Path target) {
    String name = target.toAbsolutePath().getFileName().toString();
    return target.toAbsolutePath().resolveSibling(name.replaceFirst("\\.task$", "") + ".report");
  }

  private static void requireAbsent(Path folder) throws NodeException {
    if (Files.exists(folder)) {
      throw new NodeException(
          Reason.USAGE, folder + " exists already", "name another folder with --out");
    }
  }

  private static Task make(Build build, Sign sign, Path target) throws NodeException {
    Path absolute = target.toAbsolutePath();
    requireAbsent(absolute);
    Path building = absolute.resolveSibling("." + absolute.getFileName() + ".partial");
    try {
      DurableFiles.deleteTree(building);
      TaskLayout layout = build.in(building.resolve("layout"));
      Task task = sign.in(layout, building.resolve("task"));
      Files.move(building.resolve("task"), absolute, StandardCopyOption.ATOMIC_MOVE);
      return task;
    } catch (TrainerException e) {
      throw refusal(e);
    } catch (IOException e) {
      throw DiskTrouble.cannotWrite(absolute, e);
    } finally {
      deleteQuietly(building);
    }
  }

  /** The trainer's messages name the thing and, behind a semicolon or colon, what to do. */
  static NodeException refusal(TrainerException e) {
    String[] words = String.valueOf(e.getMessage()).split("; ", 2);
    Reason reason =
        switch (e.reason()) {
          case NOT_FOUND -> Reason.NOT_FOUND;
          case CORRUPT_ARCHIVE, TOO_MANY_BAD_IMAGES, TOO_LARGE, BAD_FEATURES -> Reason.DATA_INVALID;
          case TOO_FEW_IMAGES, BAD_CONFIG -> Reason.USAGE;
          case CORRUPT_CHECKPOINT,
              DIVERGED,
              OUT_OF_MEMORY,
              STOPPED,
              WORKER_DIED,
              JOB_FAILED,
              PROTOCOL_VIOLATION ->
              Reason.FAILED;
        };
    return new NodeException(
        reason, words[0], words.length > 1 ? words[1] : "correct or replace it", e);
  }

  private static void deleteQuietly(Path folder) throws NodeException {
    try {
      DurableFiles.deleteTree(folder);
    } catch (IOException e) {
      throw DiskTrouble.cannotWrite(folder, e);
    }
  }
}
