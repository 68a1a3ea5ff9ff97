package org.skerry.transfer.store;

import java.io.IOException;
import java.util.Optional;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.ChunkSet;
import org.skerry.transfer.ChunkSource;
import org.skerry.transfer.ProvenChunk;

/** A blob that is being fetched, as a source for others; its end does not end the fetch. */
record OpenPartial(PartialBlob partial) implements ChunkSource {
  @Override
  public BlobHead head() {
    return partial.head();
  }

  @Override
  public ChunkSet have() {
    return partial.have();
  }

  @Override
  public Optional<ProvenChunk> chunk(int index) throws IOException {
    return partial.chunk(index);
  }

  @Override
  public void close() {}
}
