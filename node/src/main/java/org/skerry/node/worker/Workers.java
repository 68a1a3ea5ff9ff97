package org.skerry.node.worker;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.skerry.trainer.worker.MemoryCap;
import org.skerry.trainer.worker.WorkerLaunch;
import org.skerry.trainer.worker.WorkerProcess;

/** Starts worker processes with this node's jobs. */
public final class Workers {
  /**
   * The worker's Java code only feeds libtorch: compiling it hard would cost more than it gives.
   */
  private static final List<String> JVM_OPTIONS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Xshare:auto",
          "--sun-misc-unsafe-memory-access=allow");

  /** The daemon, evaluations, and whoever sits at the computer come before training. */
  private static final Path NICE = Path.of("/usr/bin/nice");

  private Workers() {}

  /**
   * A worker that somebody waits for. It runs in {@code folder} and prints to {@code log}.
   *
   * @param threads of libtorch
   */
  public static WorkerProcess create(Path folder, Path log, int threads) {
    return new WorkerProcess(launch(folder, log, threads));
  }

  /**
   * A worker for training, which takes what the rest of the machine leaves.
   *
   * @param nice how far it stands back, 0 to 19
   * @param cap what it may have, if it is held to anything
   * @param recomputes whether it will compute blocks again for their gradient, to save memory
   */
  public static WorkerProcess inBackground(
      Path folder, Path log, int threads, int nice, Optional<MemoryCap> cap, boolean recomputes) {
    WorkerLaunch launch = launch(folder, log, threads);
    if (nice > 0 && Files.isExecutable(NICE)) {
      launch = launch.withCommandPrefix(List.of(NICE.toString(), "-n", Integer.toString(nice)));
    }
    if (recomputes) {
      launch = launch.givingMemoryBack();
    }
    return new WorkerProcess(cap.isPresent() ? launch.withMemoryCap(cap.get()) : launch);
  }

  /**
   * A worker for one request after another: it stays, and one that dies fails its request.
   *
   * @param threads of libtorch
   */
  public static WorkerProcess warm(Path folder, Path log, int threads) {
    return new WorkerProcess(
        launch(folder, log, threads)
            .withRestarts(Duration.ofMillis(1), Duration.ofMillis(1), 1)
            .staying());
  }

  /** A worker that is started once, whatever becomes of it: to see whether that works. */
  public static WorkerProcess once(Path folder, Path log, Optional<MemoryCap> cap) {
    WorkerLaunch launch =
        launch(folder, log, 1).withRestarts(Duration.ofMillis(1), Duration.ofMillis(1), 1);
    return new WorkerProcess(cap.isPresent() ? launch.withMemoryCap(cap.get()) : launch);
  }

  private static WorkerLaunch launch(Path folder, Path log, int threads) {
    return WorkerLaunch.sameJava(WorkerMain.class, folder, log, threads)
        .withJvmOptions(JVM_OPTIONS);
  }
}
