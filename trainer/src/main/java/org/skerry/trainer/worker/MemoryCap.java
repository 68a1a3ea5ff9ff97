package org.skerry.trainer.worker;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much memory a worker may have, kept by Linux: under {@code RLIMIT_DATA} an allocation too
 * many fails inside libtorch, which training answers with smaller parts of its batch, while the
 * machine does not swap.
 *
 * @param bytes resident, libraries included
 */
public record MemoryCap(long bytes) {
  /** What no worker can do without: the JVM, libtorch and a little network. */
  public static final long LEAST_BYTES = 512L << 20;

  private static final Logger LOG = LoggerFactory.getLogger(MemoryCap.class);

  /**
   * Pages of libraries and of mapped files are resident too, but the limit does not count them:
   * they cost no swap.
   */
  private static final long FILE_PAGES = 192L << 20;

  private static final long FIRST_HEAP = 32L << 20;
  private static final long SMALLEST_HEAP = 128L << 20;
  private static final List<Path> PLACES =
      List.of(Path.of("/usr/bin/prlimit"), Path.of("/bin/prlimit"));
  private static final Optional<Path> PRLIMIT =
      PLACES.stream().filter(Files::isExecutable).findFirst();

  static {
    if (PRLIMIT.isEmpty()) {
      LOG.warn(
          "prlimit is not installed (util-linux has it): a worker's memory is estimated, not"
              + " limited");
    }
  }

  public MemoryCap {
    if (bytes < LEAST_BYTES) {
      throw new IllegalArgumentException(
          "a worker needs at least %d MiB, not %d".formatted(LEAST_BYTES >> 20, bytes >> 20));
    }
  }

  /** Whether the platform can hold a worker to a cap. */
  public static boolean isEnforced() {
    return PRLIMIT.isPresent();
  }

  /** The command that a worker is started under; empty where there is none. */
  List<String> prefix() {
    return PRLIMIT
        .map(prlimit -> List.of(prlimit.toString(), "--data=" + (bytes - FILE_PAGES)))
        .orElse(List.of());
  }

  /**
   * The heap holds the images, and plain memory the copy that becomes a checkpoint. The JVM frees
   * older copies when it reaches its limit, not before.
   */
  List<String> jvmOptions() {
    List<String> options = new ArrayList<>();
    options.add("-Xms" + FIRST_HEAP); // the limit counts what is committed, used or not
    options.add("-Xmx" + Math.max(SMALLEST_HEAP, bytes / 4));
    options.add("-XX:MaxDirectMemorySize=" + bytes / 2);
    return options;
  }
}
