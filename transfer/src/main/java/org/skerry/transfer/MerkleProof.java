package org.skerry.transfer;

import java.util.Arrays;

/** The siblings on the way from a leaf to the root, leaf's sibling first, 32 bytes each. */
public final class MerkleProof {
  /** The longest: one sibling on each of the 20 levels of the largest tree. */
  public static final int MAX_BYTES = 20 * MerkleTree.HASH_BYTES;

  private final byte[] siblings;

  private MerkleProof(byte[] siblings) {
    this.siblings = siblings;
  }

  /**
   * Wraps concatenated siblings.
   *
   * @throws IllegalArgumentException when they are no whole number of hashes, or too many
   */
  public static MerkleProof ofBytes(byte[] siblings) {
    if (siblings.length % MerkleTree.HASH_BYTES != 0 || siblings.length > MAX_BYTES) {
      throw new IllegalArgumentException("a proof of " + siblings.length + " bytes");
    }
    return new MerkleProof(siblings.clone());
  }

  public int hashes() {
    return siblings.length / MerkleTree.HASH_BYTES;
  }

  /** Sibling {@code i}, counted from the leaf. */
  public byte[] hash(int i) {
    int from = i * MerkleTree.HASH_BYTES;
    return Arrays.copyOfRange(siblings, from, from + MerkleTree.HASH_BYTES);
  }

  public byte[] bytes() {
    return siblings.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MerkleProof that && Arrays.equals(siblings, that.siblings);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(siblings);
  }

  @Override
  public String toString() {
    return "MerkleProof[" + hashes() + " hashes]";
  }
}
