package org.skerry.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file read and written in pieces of a chunk's size, and synced as a fetched blob is. */
final class CopiedFile implements Transfer {
  static final String VARIANT = "file-copy";
  private static final int CHUNK_BYTES = 256 * 1024;

  private final Path from;
  private final Path to;

  CopiedFile(Path folder) {
    from = folder.resolve("copy-from");
    to = folder.resolve("copy-to");
  }

  @Override
  public String variant() {
    return VARIANT;
  }

  @Override
  public void prepare(long bytes) throws IOException {
    Files.deleteIfExists(to);
    RandomFile.write(from, bytes, 1);
  }

  @Override
  public void move(long bytes) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
    try (FileChannel in = FileChannel.open(from, StandardOpenOption.READ);
        FileChannel out =
            FileChannel.open(to, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
      while (in.read(chunk.clear()) >= 0) {
        chunk.flip();
        while (chunk.hasRemaining()) {
          out.write(chunk);
        }
      }
      out.force(true);
    }
  }

  @Override
  public void close() {}
}
