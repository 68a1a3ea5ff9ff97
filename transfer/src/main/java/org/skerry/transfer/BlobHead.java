package org.skerry.transfer;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.libp2p.multiformats.MultiformatException;
import org.skerry.libp2p.multiformats.Multihash;

/**
 * What a {@link BlobId} commits to: the size of a blob and the root of its Merkle tree.
 *
 * @param root sha2-256; that of zero bytes when the blob is empty
 */
public record BlobHead(long sizeBytes, Multihash root) {
  /** Every chunk has this size but the last, which is as long as what is left. */
  public static final int CHUNK_BYTES = 256 * 1024;

  /** The largest blob has this many chunks: 256 GiB. */
  public static final int MAX_CHUNKS = 1 << 20;

  private static final byte ID_PREFIX = 0x02;

  /** The empty blob: no chunk, and the hash of nothing as its root. */
  public static final BlobHead EMPTY = new BlobHead(0, Multihash.sha256(new byte[0]));

  public BlobHead {
    if (sizeBytes < 0 || sizeBytes > (long) MAX_CHUNKS * CHUNK_BYTES) {
      throw new MultiformatException("blob size " + sizeBytes + " is not in 0..256 GiB");
    }
    if (root.code() != Multihash.SHA2_256) {
      throw new MultiformatException("a Merkle root is a sha2-256, not " + root);
    }
    if (sizeBytes == 0 && !Arrays.equals(root.digest(), Multihash.sha256Digest())) {
      throw new MultiformatException("an empty blob has no root " + root);
    }
  }

  /** The id that commits to this head. */
  public BlobId id() {
    byte[] bytes =
        ByteBuffer.allocate(1 + Long.BYTES + MerkleTree.HASH_BYTES)
            .put(ID_PREFIX)
            .putLong(sizeBytes)
            .put(root.digest())
            .array();
    return new BlobId(new Cid(Cid.SKERRY_BLOB, Multihash.sha256(bytes)));
  }

  public int chunks() {
    return (int) ((sizeBytes + CHUNK_BYTES - 1) / CHUNK_BYTES);
  }

  /** The size in bytes of chunk {@code index}. */
  public int chunkSize(int index) {
    checkIndex(index);
    return (int) Math.min(CHUNK_BYTES, sizeBytes - offset(index));
  }

  /** Where chunk {@code index} begins in the blob, in bytes. */
  public long offset(int index) {
    checkIndex(index);
    return (long) index * CHUNK_BYTES;
  }

  private void checkIndex(int index) {
    if (index < 0 || index >= chunks()) {
      throw new IndexOutOfBoundsException("chunk " + index + " not in 0.." + (chunks() - 1));
    }
  }
}
