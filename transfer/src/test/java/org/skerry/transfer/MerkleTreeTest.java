package org.skerry.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.libp2p.multiformats.MultiformatException;
import org.skerry.libp2p.multiformats.Multihash;

class MerkleTreeTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, BlobHead.CHUNK_BYTES, BlobHead.CHUNK_BYTES + 1, 1_900_000})
  void isRebuiltFromItsLeaves(int size) {
    MerkleTree tree = MerkleTree.of(TestBlobs.pattern(size));
    byte[] leaves = tree.leaves();
    assertThat(leaves).hasSize(MerkleTree.leavesBytes(size));
    MerkleTree rebuilt = MerkleTree.ofLeaves(leaves);
    assertThat(rebuilt.head()).isEqualTo(tree.head());
    assertThat(rebuilt.nodes()).isEqualTo(tree.nodes());
  }

  @Test
  void isNotRebuiltFromWhatAreTheLeavesOfNoBlob() {
    byte[] leaves = MerkleTree.of(TestBlobs.pattern(BlobHead.CHUNK_BYTES + 1)).leaves();
    for (int length : new int[] {0, 7, 8, 40, 71}) {
      assertThatThrownBy(() -> MerkleTree.ofLeaves(Arrays.copyOf(leaves, length)))
          .as("%s bytes", length)
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> MerkleTree.ofLeaves(Arrays.copyOf(leaves, 73)))
        .hasMessageContaining("leaves of 73 bytes");
    leaves[0] = -1;
    assertThatThrownBy(() -> MerkleTree.ofLeaves(leaves)).hasMessageContaining("for a blob of -");
  }

  @Test
  void agreesWithTheVectors() throws IOException {
    MerkleTree tree = MerkleTree.of(new byte[0]);
    byte[] blob = new byte[0];
    int blobs = 0;
    for (String line : vectors()) {
      String[] words = line.split(" ", -1);
      if (words[0].equals("blob")) {
        blob = TestBlobs.pattern(Integer.parseInt(words[1]));
        tree = MerkleTree.of(blob);
        assertThat(HexFormat.of().formatHex(tree.head().root().digest())).isEqualTo(words[2]);
        assertThat(tree.head().id()).hasToString(words[3]);
        assertThat(BlobId.parse(words[3])).isEqualTo(tree.head().id());
        blobs++;
      } else {
        int index = Integer.parseInt(words[1]);
        byte[] siblings = HexFormat.of().parseHex(words[2].equals("-") ? "" : words[2]);
        MerkleProof proof = MerkleProof.ofBytes(siblings);
        assertThat(tree.proof(index)).as("proof of %s in %s", index, tree.head()).isEqualTo(proof);
        byte[] leaf = MerkleTree.leafHash(chunk(blob, tree.head(), index));
        assertThat(MerkleTree.proves(tree.head(), index, leaf, proof)).isTrue();
      }
    }
    assertThat(blobs).isEqualTo(10);
  }

  @Test
  void everyChunkOfEveryTreeUpTo40ChunksIsProvenAndNoOtherIs() {
    for (int chunks = 1; chunks <= 40; chunks++) {
      MerkleTree.Builder builder = new MerkleTree.Builder();
      byte[] chunk = new byte[BlobHead.CHUNK_BYTES];
      for (int i = 0; i < chunks; i++) {
        chunk[0] = (byte) i;
        builder.add(ByteBuffer.wrap(chunk));
      }
      MerkleTree tree = builder.build();
      for (int i = 0; i < chunks; i++) {
        chunk[0] = (byte) i;
        byte[] leaf = MerkleTree.leafHash(ByteBuffer.wrap(chunk));
        assertThat(MerkleTree.proves(tree.head(), i, leaf, tree.proof(i))).isTrue();
        int other = (i + 1) % chunks;
        if (other != i) {
          assertThat(MerkleTree.proves(tree.head(), other, leaf, tree.proof(i))).isFalse();
        }
        leaf[3] ^= 1;
        assertThat(MerkleTree.proves(tree.head(), i, leaf, tree.proof(i))).isFalse();
      }
    }
  }

  @Test
  void refusesProofsThatAreTooLongTooShortOrNotHashes() {
    byte[] blob = TestBlobs.chunks(5, 1);
    MerkleTree tree = MerkleTree.of(blob);
    byte[] leaf = MerkleTree.leafHash(chunk(blob, tree.head(), 0));
    byte[] proof = tree.proof(0).bytes();
    byte[] longer = java.util.Arrays.copyOf(proof, proof.length + MerkleTree.HASH_BYTES);
    byte[] shorter = java.util.Arrays.copyOf(proof, proof.length - MerkleTree.HASH_BYTES);
    assertThat(MerkleTree.proves(tree.head(), 0, leaf, MerkleProof.ofBytes(longer))).isFalse();
    assertThat(MerkleTree.proves(tree.head(), 0, leaf, MerkleProof.ofBytes(shorter))).isFalse();
    assertThatThrownBy(() -> MerkleProof.ofBytes(new byte[31]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("31");
    assertThatThrownBy(() -> MerkleProof.ofBytes(new byte[21 * 32]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anInnerNodeCannotPassAsAChunk() {
    byte[] blob = TestBlobs.random(4 * BlobHead.CHUNK_BYTES, 2);
    MerkleTree tree = MerkleTree.of(blob);
    // The 64 bytes under the left inner node, offered as the only chunk of a two-leaf tree.
    byte[] nodes = tree.nodes();
    byte[] forged = java.util.Arrays.copyOf(nodes, 64);
    byte[] right = java.util.Arrays.copyOfRange(nodes, 5 * 32, 6 * 32);
    BlobHead two = new BlobHead(BlobHead.CHUNK_BYTES + 64L, tree.head().root());
    byte[] leaf = MerkleTree.leafHash(ByteBuffer.wrap(forged));
    assertThat(MerkleTree.proves(two, 0, leaf, MerkleProof.ofBytes(right))).isFalse();
  }

  @Test
  void theIdCommitsToTheSize() {
    MerkleTree tree = MerkleTree.of(TestBlobs.random(1000, 3));
    BlobHead longer = new BlobHead(1001, tree.head().root());
    assertThat(longer.id()).isNotEqualTo(tree.head().id());
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, (1L << 38) + 1, Long.MAX_VALUE})
  void refusesASizeThatNoBlobHas(long size) {
    Multihash root = Multihash.sha256(new byte[] {1});
    assertThatThrownBy(() -> new BlobHead(size, root))
        .isInstanceOf(MultiformatException.class)
        .hasMessageContaining(Long.toString(size));
  }

  @Test
  void refusesAnEmptyBlobWithARoot() {
    assertThatThrownBy(() -> new BlobHead(0, Multihash.sha256(new byte[] {1})))
        .isInstanceOf(MultiformatException.class);
  }

  @Test
  void refusesACidOfAnotherCodecAsABlobId() {
    Cid raw = new Cid(Cid.RAW, Multihash.sha256(new byte[0]));
    assertThatThrownBy(() -> new BlobId(raw)).isInstanceOf(MultiformatException.class);
  }

  @Test
  void refusesAChunkAfterAShortOne() {
    MerkleTree.Builder builder = new MerkleTree.Builder().add(ByteBuffer.wrap(new byte[5]));
    assertThatThrownBy(() -> builder.add(ByteBuffer.wrap(new byte[5])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("5 bytes");
  }

  private static ByteBuffer chunk(byte[] blob, BlobHead head, int index) {
    return ByteBuffer.wrap(blob, (int) head.offset(index), head.chunkSize(index));
  }

  private static List<String> vectors() throws IOException {
    InputStream in =
        Objects.requireNonNull(MerkleTreeTest.class.getResourceAsStream("blob-vectors.txt"));
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return reader.lines().toList();
    }
  }
}
