package org.skerry.transfer.store;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bytes of a blob that is being fetched. Whole chunks go to the disk past the page cache, where
 * the file system can do that: gigabytes that are written once would cost a copy each, and push out
 * of memory what the owner's programs have there. Thread-safe.
 */
final class DataFile implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DataFile.class);

  private final Path file;
  private final FileChannel cached;

  /** Absent where the file system, or the disk below it, cannot. */
  private volatile @Nullable FileChannel direct;

  private final long blockBytes;

  private DataFile(Path file, FileChannel cached, Optional<FileChannel> direct, long blockBytes) {
    this.file = file;
    this.cached = cached;
    this.direct = direct.orElse(null);
    this.blockBytes = blockBytes;
  }

  /** Opens, or creates, {@code file}. */
  static DataFile open(Path file) throws IOException {
    FileChannel cached =
        FileChannel.open(
            file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    try {
      long blockBytes = Files.getFileStore(file).getBlockSize();
      return new DataFile(
          file,
          cached,
          Optional.of(FileChannel.open(file, StandardOpenOption.WRITE, ExtendedOpenOption.DIRECT)),
          blockBytes);
    } catch (IOException | UnsupportedOperationException e) {
      log.debug("{} is written through the page cache: {}", file, e.getMessage());
      return new DataFile(file, cached, Optional.empty(), 1);
    }
  }

  Path path() {
    return file;
  }

  /** Cuts off what lies beyond {@code size} bytes. */
  void truncate(long size) throws IOException {
    cached.truncate(size);
  }

  /** Fills {@code into} from {@code offset} on; false when the file ends before. */
  boolean readFully(ByteBuffer into, long offset) throws IOException {
    return Bytes.readFully(cached, into, offset);
  }

  void writeFully(ByteBuffer from, long offset) throws IOException {
    FileChannel past = direct;
    if (past != null && offset % blockBytes == 0 && from.remaining() % blockBytes == 0) {
      try {
        Bytes.writeFully(past, from.duplicate(), offset);
        return;
      } catch (IOException e) {
        // Some file systems open the file and refuse the write. A full disk says so again below.
        log.debug("{} is written through the page cache from now on: {}", file, e.getMessage());
        direct = null;
        Bytes.closeQuietly(past);
      }
    }
    Bytes.writeFully(cached, from, offset);
  }

  /** Returns once all that was written is on the disk. */
  void force(boolean metadataToo) throws IOException {
    cached.force(metadataToo);
  }

  @Override
  public void close() {
    Bytes.closeQuietly(cached);
    FileChannel past = direct;
    if (past != null) {
      Bytes.closeQuietly(past);
    }
  }
}
