package org.skerry.transfer;

import java.nio.ByteBuffer;

/**
 * The bytes of one chunk and the proof that they stand under the blob's root.
 *
 * @param data position 0; nobody writes to it. Not read-only, or hashing and storing it would copy
 *     it first
 */
public record ProvenChunk(int index, ByteBuffer data, MerkleProof proof) {
  public ProvenChunk {
    if (index < 0 || index >= BlobHead.MAX_CHUNKS) {
      throw new IllegalArgumentException("chunk " + index + " not in 0.." + BlobHead.MAX_CHUNKS);
    }
    if (data.remaining() < 1 || data.remaining() > BlobHead.CHUNK_BYTES) {
      throw new IllegalArgumentException("a chunk of " + data.remaining() + " bytes");
    }
    data = data.slice();
  }

  @Override
  public ByteBuffer data() {
    return data.duplicate();
  }
}
