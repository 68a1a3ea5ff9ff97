package org.skerry.transfer.fetch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.ChunkSet;
import org.skerry.transfer.ChunkSource;
import org.skerry.transfer.MerkleProof;
import org.skerry.transfer.ProvenChunk;

/** A genuine source with one lie. */
record LyingSource(ChunkSource genuine, Lie lie) implements ChunkSource {
  enum Lie {
    CHUNK,
    PROOF,
    HEAD,
    EMPTY_HANDS
  }

  static ChunkSource.Finder over(ChunkSource.Finder genuine, Lie lie) {
    return blob -> genuine.find(blob).map(source -> new LyingSource(source, lie));
  }

  @Override
  public BlobHead head() {
    return lie == Lie.HEAD
        ? new BlobHead(genuine.head().sizeBytes() + 1, genuine.head().root())
        : genuine.head();
  }

  @Override
  public ChunkSet have() {
    return genuine.have();
  }

  @Override
  public Optional<ProvenChunk> chunk(int index) throws IOException {
    Optional<ProvenChunk> chunk = genuine.chunk(index);
    return switch (lie) {
      case CHUNK -> chunk.map(LyingSource::corrupted);
      case PROOF -> chunk.map(LyingSource::unproven);
      case HEAD -> chunk;
      case EMPTY_HANDS -> Optional.empty();
    };
  }

  private static ProvenChunk corrupted(ProvenChunk chunk) {
    byte[] data = new byte[chunk.data().remaining()];
    chunk.data().get(data);
    data[data.length / 2] ^= 1;
    return new ProvenChunk(chunk.index(), ByteBuffer.wrap(data), chunk.proof());
  }

  private static ProvenChunk unproven(ProvenChunk chunk) {
    return new ProvenChunk(
        chunk.index(), chunk.data(), MerkleProof.ofBytes(new byte[MerkleProof.MAX_BYTES]));
  }

  @Override
  public void close() {
    genuine.close();
  }
}
