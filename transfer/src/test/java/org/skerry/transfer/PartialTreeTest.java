package org.skerry.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.libp2p.multiformats.Multihash;
import org.skerry.transfer.PartialTree.Offer;

class PartialTreeTest {
  @ParameterizedTest(name = "{0} chunks")
  @ValueSource(ints = {1, 2, 3, 5, 8, 13})
  void provesWhatItWasShownInAnyOrder(int chunks) {
    byte[] blob = TestBlobs.chunks(chunks, 7);
    MerkleTree tree = MerkleTree.of(blob);
    PartialTree partial = new PartialTree(tree.head());
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < chunks; i++) {
      order.add(i);
    }
    Collections.shuffle(order, new Random(chunks));
    for (int index : order) {
      assertThat(partial.offer(index, leaf(blob, tree, index), tree.proof(index)))
          .isEqualTo(Offer.PROVEN);
      assertThat(partial.proof(index)).isEqualTo(tree.proof(index));
    }
  }

  @Test
  void blamesTheChunkOrTheProof() {
    byte[] blob = TestBlobs.chunks(8, 8);
    MerkleTree tree = MerkleTree.of(blob);
    PartialTree partial = new PartialTree(tree.head());
    byte[] bad = leaf(blob, tree, 2);
    bad[0] ^= 1;
    assertThat(partial.offer(2, bad, tree.proof(2))).isEqualTo(Offer.BAD_CHUNK);
    partial.offer(3, leaf(blob, tree, 3), tree.proof(3));
    byte[] proof = tree.proof(2).bytes();
    proof[40] ^= 1;
    assertThat(partial.offer(2, leaf(blob, tree, 2), MerkleProof.ofBytes(proof)))
        .isEqualTo(Offer.BAD_PROOF);
    assertThat(partial.offer(2, leaf(blob, tree, 2), MerkleProof.ofBytes(new byte[32])))
        .isEqualTo(Offer.BAD_PROOF);
    assertThat(partial.offer(2, leaf(blob, tree, 2), tree.proof(2))).isEqualTo(Offer.PROVEN);
  }

  @Test
  void refusesAProofThatIsWrongAboveWhatItKnows() {
    byte[] blob = TestBlobs.chunks(8, 8);
    MerkleTree tree = MerkleTree.of(blob);
    PartialTree partial = new PartialTree(tree.head());
    partial.offer(3, leaf(blob, tree, 3), tree.proof(3));
    for (int index = 2; index < 4; index++) {
      for (int level = 0; level < 3; level++) {
        byte[] proof = tree.proof(index).bytes();
        proof[level * MerkleTree.HASH_BYTES] ^= 1;
        assertThat(partial.offer(index, leaf(blob, tree, index), MerkleProof.ofBytes(proof)))
            .as("chunk %d, level %d", index, level)
            .isEqualTo(Offer.BAD_PROOF);
      }
    }
  }

  /** Whoever makes a blob may put any bytes where hashes should be. */
  @Test
  void takesARootOrASiblingOfZerosForAnyOther() {
    byte[] zeros = new byte[MerkleTree.HASH_BYTES];
    long size = 2L * BlobHead.CHUNK_BYTES;
    PartialTree noRoot = new PartialTree(new BlobHead(size, Multihash.ofSha256(zeros)));
    assertThat(noRoot.offer(0, zeros, MerkleProof.ofBytes(zeros))).isEqualTo(Offer.BAD_CHUNK);
    byte[] leaf = MerkleTree.leafHash(ByteBuffer.allocate(1));
    Multihash root = Multihash.ofSha256(MerkleTree.nodeHash(zeros, leaf));
    PartialTree noSibling = new PartialTree(new BlobHead(size, root));
    MerkleProof proof = MerkleProof.ofBytes(zeros);
    assertThat(noSibling.offer(1, leaf, proof)).isEqualTo(Offer.PROVEN);
    assertThat(noSibling.proof(1)).isEqualTo(proof);
  }

  @Test
  void learnsNothingFromARefusedOffer() {
    byte[] blob = TestBlobs.chunks(4, 9);
    MerkleTree tree = MerkleTree.of(blob);
    PartialTree partial = new PartialTree(tree.head());
    byte[] proof = tree.proof(0).bytes();
    proof[0] ^= 1;
    assertThat(partial.offer(0, leaf(blob, tree, 0), MerkleProof.ofBytes(proof)))
        .isEqualTo(Offer.BAD_CHUNK);
    assertThatThrownBy(() -> partial.proof(0)).isInstanceOf(IllegalStateException.class);
  }

  private static byte[] leaf(byte[] blob, MerkleTree tree, int index) {
    BlobHead head = tree.head();
    return MerkleTree.leafHash(
        ByteBuffer.wrap(blob, (int) head.offset(index), head.chunkSize(index)));
  }
}
