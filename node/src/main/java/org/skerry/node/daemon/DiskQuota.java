package org.skerry.node.daemon;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.skerry.node.config.ByteSize;
import org.skerry.transfer.store.FreeSpace;

/** The disk, and no more of it than the owner lends. Thread-safe. */
final class DiskQuota implements FreeSpace {
  /** Deletes what can be done without. */
  @FunctionalInterface
  interface Relief {
    Relief NONE = bytes -> false;

    /**
     * @param bytes that are wanted
     * @return whether anything was deleted
     */
    boolean makeRoom(long bytes) throws IOException;
  }

  private volatile long limitBytes;
  private volatile long minFreeBytes;
  private volatile Relief relief = Relief.NONE;

  /**
   * @param limitBytes what everything in the folder may take together
   * @param minFreeBytes what stays free on its disk
   */
  DiskQuota(long limitBytes, long minFreeBytes) {
    set(limitBytes, minFreeBytes);
  }

  /** Other limits hold from now on; what is there stays until room is wanted. */
  void set(long newLimitBytes, long newMinFreeBytes) {
    limitBytes = newLimitBytes;
    minFreeBytes = newMinFreeBytes;
  }

  /** Asks {@code newRelief}, from now on, before anything is refused. */
  void relieveBy(Relief newRelief) {
    relief = newRelief;
  }

  @Override
  public boolean makeRoom(long bytes) throws IOException {
    return relief.makeRoom(bytes);
  }

  @Override
  public long usableBytes(Path folder) throws IOException {
    long free = FreeSpace.OF_FILE_SYSTEM.usableBytes(folder) - minFreeBytes;
    return Math.max(0, Math.min(limitBytes - used(folder), free));
  }

  /** The bytes that the files below {@code folder} have on the disk. */
  private static long used(Path folder) throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        bytes += sizeOf(file);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return bytes;
  }

  private static long sizeOf(Path file) throws IOException {
    try {
      return Files.isRegularFile(file) ? Files.size(file) : 0;
    } catch (NoSuchFileException e) {
      return 0; // it vanished while we counted
    }
  }

  @Override
  public String remedy() {
    return "raise limits.disk (now "
        + ByteSize.format(limitBytes)
        + "), or free space on the disk, of which "
        + ByteSize.format(minFreeBytes)
        + " stay free (limits.min-free-disk); all that this node can do without is deleted already";
  }
}
