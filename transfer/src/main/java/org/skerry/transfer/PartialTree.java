package org.skerry.transfer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.skerry.transfer.TreeShape.Side;
import org.skerry.transfer.TreeShape.Step;

/**
 * The nodes of a blob's tree as far as proofs have shown them. A node is kept only after it led to
 * the root, so whoever holds a chunk here can prove it to the next peer. Not thread-safe: its owner
 * locks.
 */
public final class PartialTree {
  private final TreeShape shape;
  private final byte[] nodes;

  /** No hash can say it: who makes a blob may choose any root, and siblings of no preimage. */
  private final BitSet known = new BitSet();

  public PartialTree(BlobHead head) {
    this.shape = new TreeShape(head.chunks());
    this.nodes = new byte[shape.nodes() * MerkleTree.HASH_BYTES];
    put(shape.root(), head.root().digest());
  }

  /** What an offered chunk turned out to be. */
  public enum Offer {
    PROVEN,
    /** The bytes are not those of the blob, as far as can be told. */
    BAD_CHUNK,
    /** The proof is malformed, or contradicts a node that is already proven. */
    BAD_PROOF
  }

  /**
   * Checks a chunk by its leaf hash and remembers what its proof shows. Hashes its way up to the
   * first node that is known: all that such a node needs on its own way to the root is known, too.
   */
  public Offer offer(int index, byte[] leaf, MerkleProof proof) {
    List<Step> path = shape.path(index);
    if (proof.hashes() != MerkleTree.siblings(path)) {
      return Offer.BAD_PROOF;
    }
    List<byte[]> shown = new ArrayList<>();
    int position = index;
    byte[] hash = leaf;
    int level = 0;
    int next = 0;
    for (; !known.get(position); level++) {
      Step step = path.get(level);
      shown.add(hash);
      hash =
          switch (step.side()) {
            case LEFT -> MerkleTree.nodeHash(proof.hash(next++), hash);
            case RIGHT -> MerkleTree.nodeHash(hash, proof.hash(next++));
            case NONE -> hash;
          };
      position = step.parent();
    }
    if (!same(position, hash) || !same(path.subList(level, path.size()), proof, next)) {
      return blame(index, leaf, path, proof);
    }
    learn(index, path, shown, proof);
    return Offer.PROVEN;
  }

  /** Whether the siblings on the rest of a way are those of the proof, from {@code next} on. */
  private boolean same(List<Step> rest, MerkleProof proof, int next) {
    int at = next;
    for (Step step : rest) {
      if (step.side() != Side.NONE && !same(step.sibling(), proof.hash(at++))) {
        return false;
      }
    }
    return true;
  }

  private void learn(int index, List<Step> path, List<byte[]> shown, MerkleProof proof) {
    int position = index;
    int next = 0;
    for (int level = 0; level < shown.size(); level++) {
      Step step = path.get(level);
      put(position, shown.get(level));
      if (step.side() != Side.NONE) {
        put(step.sibling(), proof.hash(next++));
      }
      position = step.parent();
    }
  }

  /** The proof of a chunk that was proven here before. */
  public MerkleProof proof(int index) {
    byte[] out = new byte[MerkleProof.MAX_BYTES];
    int size = 0;
    for (Step step : shape.path(index)) {
      if (step.side() != Side.NONE) {
        if (!known.get(step.sibling())) {
          throw new IllegalStateException("chunk " + index + " was not proven here");
        }
        System.arraycopy(
            nodes, step.sibling() * MerkleTree.HASH_BYTES, out, size, MerkleTree.HASH_BYTES);
        size += MerkleTree.HASH_BYTES;
      }
    }
    return MerkleProof.ofBytes(Arrays.copyOf(out, size));
  }

  private Offer blame(int index, byte[] leaf, List<Step> path, MerkleProof proof) {
    if (known.get(index)) {
      return same(index, leaf) ? Offer.BAD_PROOF : Offer.BAD_CHUNK;
    }
    int next = 0;
    for (Step step : path) {
      if (step.side() != Side.NONE) {
        byte[] sibling = proof.hash(next++);
        if (known.get(step.sibling()) && !same(step.sibling(), sibling)) {
          return Offer.BAD_PROOF;
        }
      }
    }
    return Offer.BAD_CHUNK;
  }

  private boolean same(int position, byte[] hash) {
    int from = position * MerkleTree.HASH_BYTES;
    return Arrays.equals(nodes, from, from + MerkleTree.HASH_BYTES, hash, 0, hash.length);
  }

  private void put(int position, byte[] hash) {
    System.arraycopy(hash, 0, nodes, position * MerkleTree.HASH_BYTES, MerkleTree.HASH_BYTES);
    known.set(position);
  }
}
