package org.skerry.transfer.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.transfer.BlobHead;

class DataFileTest {
  private static final int CHUNK = BlobHead.CHUNK_BYTES;

  /** Memory, which has no disk below its page cache. */
  private static final Path MEMORY = Path.of("/dev/shm");

  @TempDir Path folder;

  @Test
  void readsWhatWasWrittenInAnyOrderAndOfAnySize() throws Exception {
    writesAndReads(folder.resolve("blob"));
  }

  @Test
  void worksOnAFileSystemInMemory() throws Exception {
    assumeTrue(Files.isDirectory(MEMORY));
    Path file = Files.createTempFile(MEMORY, "skerry", ".blob");
    try {
      writesAndReads(file);
    } finally {
      Files.delete(file);
    }
  }

  private static void writesAndReads(Path file) throws IOException {
    byte[] blob = new byte[3 * CHUNK + 1000];
    new Random(1).nextBytes(blob);
    try (DataFile data = DataFile.open(file)) {
      write(data, blob, 3 * CHUNK, 1000); // not whole blocks
      write(data, blob, CHUNK, CHUNK);
      assertThat(read(data, CHUNK, CHUNK)).isEqualTo(ByteBuffer.wrap(blob, CHUNK, CHUNK));
      write(data, blob, 0, CHUNK);
      // Read and then written again: nobody is shown the older bytes.
      assertThat(read(data, 2 * CHUNK, CHUNK)).isEqualTo(ByteBuffer.allocate(CHUNK));
      write(data, blob, 2 * CHUNK, CHUNK);
      assertThat(read(data, 2 * CHUNK, CHUNK)).isEqualTo(ByteBuffer.wrap(blob, 2 * CHUNK, CHUNK));
      data.force(true);
    }
    assertThat(Files.readAllBytes(file)).isEqualTo(blob);
  }

  private static void write(DataFile data, byte[] blob, int at, int size) throws IOException {
    data.writeFully(ByteBuffer.wrap(blob, at, size), at);
  }

  private static ByteBuffer read(DataFile data, int at, int size) throws IOException {
    ByteBuffer into = ByteBuffer.allocate(size);
    assertThat(data.readFully(into, at)).isTrue();
    return into.flip();
  }
}
