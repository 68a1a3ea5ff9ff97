package org.skerry.transfer.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.skerry.transfer.TransferException;
import org.skerry.transfer.TransferException.Reason;

/** Keeps the owner's minimum of disk space free, counting what was promised to partial blobs. */
final class DiskGuard {
  private static final double MIB = 1024 * 1024;

  private final Path folder;
  private final FreeSpace space;
  private final long minFreeBytes;
  private final AtomicLong promised = new AtomicLong();

  DiskGuard(Path folder, FreeSpace space, long minFreeBytes) {
    this.folder = folder;
    this.space = space;
    this.minFreeBytes = minFreeBytes;
  }

  /** Fails with DISK_FULL unless {@code bytes} fit beside all that was promised. */
  void require(long bytes) throws IOException {
    check(bytes + promised.get());
  }

  /** As {@link #require}, and keeps the room until {@link #fulfil}. */
  void promise(long bytes) throws IOException {
    long all = promised.addAndGet(bytes);
    try {
      check(all);
    } catch (IOException e) {
      promised.addAndGet(-bytes);
      throw e;
    }
  }

  /** Gives back {@code bytes} of a promise: they were written, or no longer will be. */
  void fulfil(long bytes) {
    promised.addAndGet(-bytes);
  }

  /** Fails with DISK_FULL when the owner's minimum is no longer free. */
  void requireMinimum() throws IOException {
    check(0);
  }

  private void check(long bytes) throws IOException {
    long usable = space.usableBytes(folder);
    if (usable - minFreeBytes < bytes && space.makeRoom(bytes - usable + minFreeBytes)) {
      usable = space.usableBytes(folder);
    }
    if (usable - minFreeBytes < bytes) {
      throw new TransferException(
          Reason.DISK_FULL,
          String.format(
              Locale.ROOT,
              "%s needs %.1f MiB more but has room for %.1f MiB, of which %.1f MiB stay free: %s",
              folder,
              bytes / MIB,
              usable / MIB,
              minFreeBytes / MIB,
              space.remedy()));
    }
  }

  /** Turns a failed write into the typed error when the disk was full. */
  IOException explain(IOException cause) {
    String message = String.valueOf(cause.getMessage());
    if (message.contains("No space left") || message.contains("quota exceeded")) {
      return new TransferException(
          Reason.DISK_FULL,
          folder + ": " + message + ": free some space, or move the folder to a larger disk",
          cause);
    }
    return cause;
  }
}
