package org.skerry.transfer;

import java.nio.ByteBuffer;
import java.util.Random;

/** Blobs for tests. */
public final class TestBlobs {
  private TestBlobs() {}

  /** The pattern of {@code blob-vectors.py}. */
  public static byte[] pattern(int size) {
    byte[] blob = new byte[size];
    for (int i = 0; i < size; i++) {
      blob[i] = (byte) (7 * i + i / 65536);
    }
    return blob;
  }

  public static byte[] random(int size, long seed) {
    byte[] blob = new byte[size];
    new Random(seed).nextBytes(blob);
    return blob;
  }

  /** Weights of a layer as bfloat16: normal, of standard deviation 0.02. */
  public static byte[] weights(int size, long seed) {
    Random random = new Random(seed);
    byte[] blob = new byte[size];
    for (int i = 0; i + 1 < size; i += 2) {
      int bits = Float.floatToIntBits((float) random.nextGaussian(0, 0.02)) >>> 16;
      blob[i] = (byte) bits;
      blob[i + 1] = (byte) (bits >> 8);
    }
    return blob;
  }

  /** A blob of this many chunks, the last of them short. */
  public static byte[] chunks(int chunks, long seed) {
    return random(chunks * BlobHead.CHUNK_BYTES - 100, seed);
  }

  public static ProvenChunk chunk(byte[] blob, int index) {
    MerkleTree tree = MerkleTree.of(blob);
    return new ProvenChunk(
        index,
        ByteBuffer.wrap(blob, (int) tree.head().offset(index), tree.head().chunkSize(index)),
        tree.proof(index));
  }
}
