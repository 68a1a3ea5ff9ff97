package org.skerry.transfer.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.skerry.libp2p.multiformats.MultiformatException;
import org.skerry.libp2p.multiformats.Multihash;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.MerkleProof;
import org.skerry.transfer.MerkleTree;
import org.skerry.transfer.TreeShape;

/**
 * The tree of a blob on disk, so that serving a proof costs no rehash of the blob.
 *
 * <pre>
 * 8 bytes   "SKRYTRE1"
 * u64       size of the blob
 * 32 bytes  root
 * n × 32    nodes in the order of {@link TreeShape}; zero where not known yet
 * c / 8     bitmap of the chunks that are on disk (as {@link org.skerry.transfer.ChunkSet})
 * c × 4     checksum of each chunk; zero, or cut off, where not known
 * </pre>
 *
 * <p>Little in it is believed: the head must hash to the blob's id, and every proof read from here
 * is checked before it is used. The checksums are this computer's own note of what it once hashed:
 * they find what a disk has spoilt, at a tenth of a hash's cost. Reads are thread-safe; writes
 * belong to one owner who locks.
 */
final class TreeFile implements AutoCloseable {
  private static final byte[] MAGIC = "SKRYTRE1".getBytes(StandardCharsets.US_ASCII);
  private static final int HEADER_BYTES = MAGIC.length + Long.BYTES + MerkleTree.HASH_BYTES;

  private final FileChannel channel;
  private final BlobHead head;

  /** Nodes that {@link #put} need not write again; its owner's lock guards them. */
  private final BitSet written = new BitSet();

  private TreeFile(FileChannel channel, BlobHead head) {
    this.channel = channel;
    this.head = head;
  }

  /**
   * Writes the tree of a whole blob to a new file and syncs it.
   *
   * @param checksums of its chunks, in order
   */
  static void write(Path file, MerkleTree tree, byte[] checksums) throws IOException {
    try (TreeFile out = create(file, tree.head())) {
      Bytes.writeFully(out.channel, ByteBuffer.wrap(tree.nodes()), HEADER_BYTES);
      BitSet all = new BitSet();
      all.set(0, tree.head().chunks());
      Bytes.writeFully(out.channel, ByteBuffer.wrap(all.toByteArray()), out.bitmapOffset());
      Bytes.writeFully(out.channel, ByteBuffer.wrap(checksums), out.checksumOffset(0));
      out.force();
    }
  }

  /** The checksum of a chunk's remaining bytes, whose position does not move. */
  static int checksum(ByteBuffer chunk) {
    CRC32C crc = new CRC32C();
    crc.update(chunk.duplicate());
    return (int) crc.getValue();
  }

  /** Creates an empty tree file for a blob that is still to be fetched. */
  static TreeFile create(Path file, BlobHead head) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING);
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    header.put(MAGIC).putLong(head.sizeBytes()).put(head.root().digest()).flip();
    Bytes.writeFully(channel, header, 0);
    return new TreeFile(channel, head);
  }

  /** Opens a file; empty when its header is damaged or is not that of {@code blob}. */
  static Optional<TreeFile> open(Path file, BlobId blob, StandardOpenOption... options)
      throws IOException {
    FileChannel channel = FileChannel.open(file, options);
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    byte[] magic = new byte[MAGIC.length];
    byte[] root = new byte[MerkleTree.HASH_BYTES];
    if (Bytes.readFully(channel, header, 0)) {
      header.flip().get(magic);
      long size = header.getLong();
      header.get(root);
      try {
        BlobHead head = new BlobHead(size, Multihash.ofSha256(root));
        if (Arrays.equals(magic, MAGIC) && head.id().equals(blob)) {
          return Optional.of(new TreeFile(channel, head));
        }
      } catch (MultiformatException e) {
        // An impossible size: damaged, as a wrong magic is.
      }
    }
    channel.close();
    return Optional.empty();
  }

  BlobHead head() {
    return head;
  }

  private byte[] node(int position) throws IOException {
    ByteBuffer hash = ByteBuffer.allocate(MerkleTree.HASH_BYTES);
    return Bytes.readFully(channel, hash, nodeOffset(position))
        ? hash.array()
        : new byte[MerkleTree.HASH_BYTES];
  }

  /**
   * Whether {@code proof} leads from {@code chunk} to the root. Its hash is taken from here where
   * its checksum is still the one that was noted with it, and is computed otherwise.
   */
  boolean proves(int index, ByteBuffer chunk, MerkleProof proof) throws IOException {
    ByteBuffer noted = ByteBuffer.allocate(Integer.BYTES);
    boolean same =
        Bytes.readFully(channel, noted, checksumOffset(index))
            && noted.getInt(0) == checksum(chunk);
    return (same && MerkleTree.proves(head, index, node(index), proof))
        || MerkleTree.proves(head, index, MerkleTree.leafHash(chunk), proof);
  }

  /** The proof of a chunk as it stands here, which may be wrong. */
  MerkleProof proof(int index) throws IOException {
    ByteBuffer siblings = ByteBuffer.allocate(MerkleProof.MAX_BYTES);
    for (TreeShape.Step step : new TreeShape(head.chunks()).path(index)) {
      if (step.side() != TreeShape.Side.NONE) {
        siblings.put(node(step.sibling()));
      }
    }
    return MerkleProof.ofBytes(Arrays.copyOf(siblings.array(), siblings.position()));
  }

  /** Writes what proves a chunk, but for the siblings that an earlier call has written. */
  void put(int index, byte[] leaf, int checksum, MerkleProof proof) throws IOException {
    put(index, leaf);
    Bytes.writeFully(
        channel, ByteBuffer.allocate(Integer.BYTES).putInt(0, checksum), checksumOffset(index));
    int next = 0;
    for (TreeShape.Step step : new TreeShape(head.chunks()).path(index)) {
      if (step.side() != TreeShape.Side.NONE) {
        put(step.sibling(), proof.hash(next++));
      }
    }
  }

  private void put(int position, byte[] hash) throws IOException {
    if (!written.get(position)) {
      Bytes.writeFully(channel, ByteBuffer.wrap(hash), nodeOffset(position));
      written.set(position);
    }
  }

  /** The bitmap; what is missing or beyond the last chunk reads as absent. */
  BitSet bitmap() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((head.chunks() + 7) / 8);
    Bytes.readFully(channel, bytes, bitmapOffset());
    BitSet bits = BitSet.valueOf(bytes.array());
    bits.clear(head.chunks(), Math.max(head.chunks(), bits.length()));
    return bits;
  }

  /** Writes the byte of the bitmap in which chunk {@code index} stands. */
  void putBit(int index, BitSet bits) throws IOException {
    int at = index / 8;
    byte value = 0;
    for (int bit = 0; bit < 8; bit++) {
      value |= (byte) (bits.get(at * 8 + bit) ? 1 << bit : 0);
    }
    Bytes.writeFully(channel, ByteBuffer.wrap(new byte[] {value}), bitmapOffset() + at);
  }

  void force() throws IOException {
    channel.force(true);
  }

  private static long nodeOffset(int position) {
    return HEADER_BYTES + (long) position * MerkleTree.HASH_BYTES;
  }

  private long bitmapOffset() {
    return nodeOffset(head.chunks() == 0 ? 0 : new TreeShape(head.chunks()).nodes());
  }

  private long checksumOffset(int index) {
    return bitmapOffset() + (head.chunks() + 7) / 8 + (long) index * Integer.BYTES;
  }

  @Override
  public void close() {
    Bytes.closeQuietly(channel);
  }
}
