package org.skerry.transfer.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells how much room a disk has; tests supply their own. */
@FunctionalInterface
public interface FreeSpace {
  /** What the file system says. */
  FreeSpace OF_FILE_SYSTEM = folder -> Files.getFileStore(folder).getUsableSpace();

  /** The bytes that this process may still write under {@code folder}. */
  long usableBytes(Path folder) throws IOException;

  /**
   * Deletes what can be done without, so that {@code bytes} more can be written.
   *
   * @return whether anything was deleted
   */
  default boolean makeRoom(long bytes) throws IOException {
    return false;
  }

  /** What the owner can do when there are too few. */
  default String remedy() {
    return "free some space, or move the folder to a larger disk";
  }
}
