package org.skerry.transfer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.skerry.libp2p.multiformats.MultiformatException;
import org.skerry.libp2p.multiformats.Multihash;
import org.skerry.libp2p.testing.Hostile;

class MerkleFuzzTest {
  private static final int HASH = MerkleTree.HASH_BYTES;

  /**
   * Offers of chunks to a blob that a stranger made: its number of chunks, its root, then for each
   * offer an index, the number of hashes in its proof, its leaf and these.
   */
  @FuzzTest
  void offers(byte[] in) {
    ByteBuffer script = ByteBuffer.wrap(in);
    int chunks = 1 + number(script) % 40;
    BlobHead head =
        new BlobHead((long) chunks * BlobHead.CHUNK_BYTES, Multihash.ofSha256(take(script, HASH)));
    PartialTree tree = new PartialTree(head);
    while (script.remaining() > 2) {
      int index = number(script) % chunks;
      int hashes = number(script) % 8;
      byte[] leaf = take(script, HASH);
      MerkleProof proof = MerkleProof.ofBytes(take(script, hashes * HASH));
      boolean proven = tree.offer(index, leaf, proof) == PartialTree.Offer.PROVEN;
      assertThat(proven).isEqualTo(MerkleTree.proves(head, index, leaf, proof));
      if (proven) {
        assertThat(tree.proof(index)).isEqualTo(proof);
      }
    }
  }

  /**
   * Offers to a genuine blob of five chunks of which some are spoilt: each is a byte for the chunk,
   * one for where its proof is bent, and one for how.
   */
  @FuzzTest
  void bentProofs(byte[] in) {
    MerkleTree.Builder builder = new MerkleTree.Builder();
    ByteBuffer chunk = ByteBuffer.allocate(BlobHead.CHUNK_BYTES);
    for (int i = 0; i < 5; i++) {
      builder.add(chunk.putInt(0, i).duplicate());
    }
    MerkleTree genuine = builder.build();
    PartialTree tree = new PartialTree(genuine.head());
    for (ByteBuffer script = ByteBuffer.wrap(in); script.remaining() >= 3; ) {
      int index = number(script) % 5;
      byte[] leaf = MerkleTree.leafHash(chunk.putInt(0, index).duplicate());
      byte[] way = genuine.proof(index).bytes();
      byte[] all = Arrays.copyOf(leaf, leaf.length + way.length);
      System.arraycopy(way, 0, all, leaf.length, way.length);
      int at = number(script) % all.length;
      byte bend = script.get();
      all[at] ^= bend;
      PartialTree.Offer offer =
          tree.offer(
              index,
              Arrays.copyOf(all, HASH),
              MerkleProof.ofBytes(Arrays.copyOfRange(all, HASH, all.length)));
      assertThat(offer == PartialTree.Offer.PROVEN).isEqualTo(bend == 0);
    }
  }

  private static int number(ByteBuffer script) {
    return script.hasRemaining() ? script.get() & 0xff : 0;
  }

  private static byte[] take(ByteBuffer script, int size) {
    byte[] out = new byte[size];
    script.get(out, 0, Math.min(size, script.remaining()));
    return out;
  }

  /** The leaves of a blob, as a web server has them. */
  @FuzzTest
  void leaves(byte[] in) {
    Hostile.read(IllegalArgumentException.class, () -> MerkleTree.ofLeaves(in))
        .ifPresent(tree -> assertThat(tree.leaves()).isEqualTo(in));
  }

  @FuzzTest
  void webSeed(byte[] in) {
    Hostile.read(IllegalArgumentException.class, () -> WebSeed.parse(new String(in, UTF_8)))
        .ifPresent(seed -> {
          assertThat(seed.server().server()).isEqualTo(seed.server());
          assertThat(seed.server().folder().getHost())
              .isEqualToIgnoringCase(seed.folder().getHost());
          assertThat(seed.file(BlobHead.EMPTY.id()).toString()).endsWith("/" + BlobHead.EMPTY.id());
          assertThat(WebSeed.parse(seed.toString())).isEqualTo(seed);
        });
    Hostile.read(MultiformatException.class, () -> BlobId.parse(new String(in, UTF_8)))
        .ifPresent(id -> assertThat(BlobId.parse(id.toString())).isEqualTo(id));
  }
}
