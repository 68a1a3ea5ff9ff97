package org.skerry.transfer.store;

import java.util.Optional;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.ChunkSet;
import org.skerry.transfer.ChunkSource;
import org.skerry.transfer.ProvenChunk;

/** The empty blob, which has nothing to read. */
enum EmptySource implements ChunkSource {
  INSTANCE;

  @Override
  public BlobHead head() {
    return BlobHead.EMPTY;
  }

  @Override
  public ChunkSet have() {
    return ChunkSet.all(0);
  }

  @Override
  public Optional<ProvenChunk> chunk(int index) {
    return Optional.empty();
  }

  @Override
  public void close() {}
}
