package org.skerry.transfer;

import java.io.IOException;
import java.util.Optional;

/** One blob, whole or in part, that can be served to others. Used by one thread at a time. */
public interface ChunkSource extends AutoCloseable {
  BlobHead head();

  /** What can be served now; of a blob that is being fetched it grows. */
  ChunkSet have();

  /**
   * Chunk {@code index}, or empty when it is not here (any more) or was found damaged. The next
   * call may overwrite its data.
   */
  Optional<ProvenChunk> chunk(int index) throws IOException;

  @Override
  void close();

  /** Where a server finds what it serves. Thread-safe. */
  @FunctionalInterface
  interface Finder {
    /** The blob opened for reading, or empty when nothing of it is here. */
    Optional<ChunkSource> find(BlobId blob) throws IOException;
  }
}
