package org.skerry.node.worker;

import java.nio.file.Path;
import java.util.List;
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

  private Workers() {}

  /**
   * A worker that runs in {@code folder} and prints to {@code log}.
   *
   * @param threads of libtorch
   */
  public static WorkerProcess create(Path folder, Path log, int threads) {
    return new WorkerProcess(
        WorkerLaunch.sameJava(WorkerMain.class, folder, log, threads).withJvmOptions(JVM_OPTIONS));
  }
}
