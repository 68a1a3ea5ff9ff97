package org.skerry.node.daemon;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.ChunkSet;
import org.skerry.transfer.ChunkSource;
import org.skerry.transfer.MerkleProof;
import org.skerry.transfer.ProvenChunk;

/**
 * Serves every chunk with one bit turned: in its bytes, or in its proof where it has one. For
 * showing that nobody is harmed.
 */
record LyingBlobs(ChunkSource.Finder honest) implements ChunkSource.Finder {
  @Override
  public Optional<ChunkSource> find(BlobId blob) throws IOException {
    return honest.find(blob).map(Source::new);
  }

  private record Source(ChunkSource honest) implements ChunkSource {
    @Override
    public BlobHead head() {
      return honest.head();
    }

    @Override
    public ChunkSet have() {
      return honest.have();
    }

    @Override
    public Optional<ProvenChunk> chunk(int index) throws IOException {
      return honest.chunk(index).map(Source::turn);
    }

    private static ProvenChunk turn(ProvenChunk chunk) {
      byte[] proof = chunk.proof().bytes();
      if (chunk.index() % 2 == 1 && proof.length > 0) {
        proof[0] ^= 1;
        return new ProvenChunk(chunk.index(), chunk.data(), MerkleProof.ofBytes(proof));
      }
      byte[] data = new byte[chunk.data().remaining()];
      chunk.data().get(data);
      data[data.length / 2] ^= 1;
      return new ProvenChunk(chunk.index(), ByteBuffer.wrap(data), chunk.proof());
    }

    @Override
    public void close() {
      honest.close();
    }
  }
}
