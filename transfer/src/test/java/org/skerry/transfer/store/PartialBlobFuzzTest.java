package org.skerry.transfer.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.libp2p.multiformats.Multihash;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.MerkleTree;

class PartialBlobFuzzTest {
  private static final int MAGIC_BYTES = 8;
  private static final int HEADER_BYTES = MAGIC_BYTES + Long.BYTES + MerkleTree.HASH_BYTES;

  @TempDir static Path folder;
  static BlobStore store;

  @BeforeAll
  static void open() throws IOException {
    store = BlobStore.open(folder);
  }

  @AfterAll
  static void close() throws IOException {
    store.close();
  }

  /**
   * What an earlier run, or the disk, has left of a blob of one chunk: the size of its data, the
   * data, then the file of its tree.
   */
  @FuzzTest
  void resume(byte[] in) throws IOException {
    int size = in.length == 0 ? 0 : Math.min(in[0] & 0xff, in.length - 1);
    byte[] data = Arrays.copyOfRange(in, Math.min(1, in.length), Math.min(1, in.length) + size);
    byte[] tree = Arrays.copyOfRange(in, Math.min(1, in.length) + size, in.length);
    BlobHead head = head(tree).orElse(new BlobHead(100, Multihash.ofSha256(new byte[32])));
    Path partial = folder.resolve("partial");
    Files.write(partial.resolve(head.id().toString()), data);
    Files.write(partial.resolve(head.id() + ".tree"), tree);
    try (PartialBlob blob = store.openPartial(head)) {
      assertThat(blob.head()).isEqualTo(head);
      byte[] leaf =
          MerkleTree.leafHash(ByteBuffer.wrap(data, 0, (int) Math.min(size, head.sizeBytes())));
      boolean whole = size >= head.sizeBytes() && Arrays.equals(leaf, head.root().digest());
      if (blob.have().has(0)) {
        assertThat(whole).isTrue();
        assertThat(blob.chunk(0)).isPresent();
      }
      assertThat(blob.isComplete()).isEqualTo(blob.have().isComplete());
      assertThat(blob.completedBytes()).isEqualTo(blob.isComplete() ? head.sizeBytes() : 0);
      blob.discard();
    }
    assertThat(store.partials()).isEmpty();
  }

  /** What a tree file says that it is of, where that is one chunk. */
  private static Optional<BlobHead> head(byte[] tree) {
    if (tree.length < HEADER_BYTES) {
      return Optional.empty();
    }
    long size = ByteBuffer.wrap(tree).getLong(MAGIC_BYTES);
    return size < 1 || size > 1000
        ? Optional.empty()
        : Optional.of(
            new BlobHead(
                size,
                Multihash.ofSha256(
                    Arrays.copyOfRange(tree, MAGIC_BYTES + Long.BYTES, HEADER_BYTES))));
  }
}
