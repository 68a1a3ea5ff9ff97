package org.skerry.transfer;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import org.skerry.libp2p.multiformats.Multihash;

/**
 * The Merkle tree of a whole blob: {@code leaf = SHA-256(0x00 ‖ chunk)}, {@code node = SHA-256(0x01
 * ‖ left ‖ right)}, shaped as RFC 6962 section 2.1 says; the root of no chunk is SHA-256 of
 * nothing. Immutable.
 */
public final class MerkleTree {
  public static final int HASH_BYTES = 32;
  private static final byte LEAF_PREFIX = 0x00;
  private static final byte NODE_PREFIX = 0x01;

  private final BlobHead head;
  private final byte[] nodes;

  private MerkleTree(BlobHead head, byte[] nodes) {
    this.head = head;
    this.nodes = nodes;
  }

  public static MerkleTree of(byte[] blob) {
    try {
      return of(new ByteArrayInputStream(blob));
    } catch (IOException e) {
      throw new UncheckedIOException("reading memory cannot fail", e);
    }
  }

  /** Hashes a file. */
  public static MerkleTree of(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return of(in);
    }
  }

  /** Hashes what {@code in} still has; one chunk is in memory at a time. */
  public static MerkleTree of(InputStream in) throws IOException {
    Builder builder = new Builder();
    for (byte[] chunk = in.readNBytes(BlobHead.CHUNK_BYTES);
        chunk.length > 0;
        chunk = in.readNBytes(BlobHead.CHUNK_BYTES)) {
      builder.add(ByteBuffer.wrap(chunk));
    }
    return builder.build();
  }

  public BlobHead head() {
    return head;
  }

  /** The proof that chunk {@code index} is under the root. */
  public MerkleProof proof(int index) {
    ByteArrayOutputStream siblings = new ByteArrayOutputStream();
    for (TreeShape.Step step : new TreeShape(head.chunks()).path(index)) {
      if (step.side() != TreeShape.Side.NONE) {
        siblings.write(nodes, step.sibling() * HASH_BYTES, HASH_BYTES);
      }
    }
    return MerkleProof.ofBytes(siblings.toByteArray());
  }

  /** All nodes in the order of {@link TreeShape}; none for the empty blob. */
  public byte[] nodes() {
    return nodes.clone();
  }

  /**
   * What proofs are made from: the size of the blob as eight bytes, most significant first, and the
   * leaves in order, 32 bytes each.
   */
  public byte[] leaves() {
    int bytes = head.chunks() * HASH_BYTES;
    return ByteBuffer.allocate(Long.BYTES + bytes)
        .putLong(head.sizeBytes())
        .put(nodes, 0, bytes)
        .array();
  }

  /** The length of {@link #leaves} of a blob of so many bytes. */
  public static int leavesBytes(long sizeBytes) {
    long chunks = Math.ceilDiv(sizeBytes, (long) BlobHead.CHUNK_BYTES);
    return Math.toIntExact(Long.BYTES + chunks * HASH_BYTES);
  }

  /**
   * The tree of {@link #leaves} that came from anywhere: whose it is, its head says.
   *
   * @throws IllegalArgumentException when the bytes are the leaves of no blob
   */
  public static MerkleTree ofLeaves(byte[] bytes) {
    long size = bytes.length < Long.BYTES ? -1 : ByteBuffer.wrap(bytes).getLong();
    if (size < 0
        || size > (long) BlobHead.MAX_CHUNKS * BlobHead.CHUNK_BYTES
        || bytes.length != leavesBytes(size)) {
      throw new IllegalArgumentException(
          "leaves of " + bytes.length + " bytes for a blob of " + size + " bytes");
    }
    return ofLeaves(size, Arrays.copyOfRange(bytes, Long.BYTES, bytes.length));
  }

  private static MerkleTree ofLeaves(long sizeBytes, byte[] leaves) {
    if (sizeBytes == 0) {
      return new MerkleTree(BlobHead.EMPTY, new byte[0]);
    }
    TreeShape shape = new TreeShape(leaves.length / HASH_BYTES);
    byte[] nodes = Arrays.copyOf(leaves, shape.nodes() * HASH_BYTES);
    int base = 0;
    for (int width = shape.leaves(); width > 1; width = (width + 1) / 2) {
      for (int i = 0; i < width; i += 2) {
        byte[] left = node(nodes, base + i);
        byte[] parent = i + 1 < width ? nodeHash(left, node(nodes, base + i + 1)) : left;
        System.arraycopy(parent, 0, nodes, (base + width + i / 2) * HASH_BYTES, HASH_BYTES);
      }
      base += width;
    }
    Multihash root = Multihash.ofSha256(node(nodes, shape.root()));
    return new MerkleTree(new BlobHead(sizeBytes, root), nodes);
  }

  private static byte[] node(byte[] nodes, int position) {
    return Arrays.copyOfRange(nodes, position * HASH_BYTES, (position + 1) * HASH_BYTES);
  }

  /** Hashes the remaining bytes of {@code chunk}, whose position does not move. */
  public static byte[] leafHash(ByteBuffer chunk) {
    MessageDigest sha = sha256();
    sha.update(LEAF_PREFIX);
    sha.update(chunk.duplicate());
    return sha.digest();
  }

  static byte[] nodeHash(byte[] left, byte[] right) {
    MessageDigest sha = sha256();
    sha.update(NODE_PREFIX);
    sha.update(left);
    sha.update(right);
    return sha.digest();
  }

  /** Whether {@code proof} leads from {@code leaf} at {@code index} to the root of {@code head}. */
  public static boolean proves(BlobHead head, int index, byte[] leaf, MerkleProof proof) {
    List<TreeShape.Step> path = new TreeShape(head.chunks()).path(index);
    if (proof.hashes() != siblings(path)) {
      return false;
    }
    byte[] hash = leaf;
    int next = 0;
    for (TreeShape.Step step : path) {
      hash =
          switch (step.side()) {
            case LEFT -> nodeHash(proof.hash(next++), hash);
            case RIGHT -> nodeHash(hash, proof.hash(next++));
            case NONE -> hash;
          };
    }
    return Arrays.equals(hash, head.root().digest());
  }

  static int siblings(List<TreeShape.Step> path) {
    return (int) path.stream().filter(step -> step.side() != TreeShape.Side.NONE).count();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Collects the chunks of a blob in order. Single-threaded. */
  public static final class Builder {
    private final ByteArrayOutputStream leaves = new ByteArrayOutputStream();
    private long sizeBytes;
    private boolean ended;

    /** Adds the remaining bytes of {@code chunk}; only the last may be shorter than a chunk. */
    public Builder add(ByteBuffer chunk) {
      int size = chunk.remaining();
      if (ended || size < 1 || size > BlobHead.CHUNK_BYTES) {
        throw new IllegalArgumentException(
            "chunk of " + size + " bytes after " + sizeBytes + " bytes of a blob");
      }
      if (sizeBytes >= (long) BlobHead.MAX_CHUNKS * BlobHead.CHUNK_BYTES) {
        throw new IllegalArgumentException("a blob has at most 256 GiB");
      }
      ended = size < BlobHead.CHUNK_BYTES;
      sizeBytes += size;
      leaves.writeBytes(leafHash(chunk));
      return this;
    }

    public MerkleTree build() {
      return ofLeaves(sizeBytes, leaves.toByteArray());
    }
  }
}
