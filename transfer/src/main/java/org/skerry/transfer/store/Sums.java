package org.skerry.transfer.store;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.MerkleTree;

/** Collects what a {@link TreeFile} holds, from a blob's chunks in order. Single-threaded. */
final class Sums {
  private final MerkleTree.Builder tree = new MerkleTree.Builder();
  private final ByteArrayOutputStream checksums = new ByteArrayOutputStream();

  void add(ByteBuffer chunk) {
    tree.add(chunk);
    checksums.writeBytes(
        ByteBuffer.allocate(Integer.BYTES).putInt(TreeFile.checksum(chunk)).array());
  }

  /** No chunk comes any more. */
  Done done() {
    return new Done(tree.build(), checksums.toByteArray());
  }

  /** A blob's tree, and a checksum of each chunk. */
  record Done(MerkleTree tree, byte[] checksums) {
    BlobHead head() {
      return tree.head();
    }

    /** Writes them to a new file and syncs it. */
    void write(Path file) throws IOException {
      TreeFile.write(file, tree, checksums);
    }
  }
}
