package org.skerry.transfer.fetch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.MerkleTree;
import org.skerry.transfer.ProvenChunk;
import org.skerry.transfer.TreeShape;
import org.skerry.transfer.store.BlobStore;
import org.skerry.transfer.store.PartialBlob;

/** What lies in a store before a fetch: nothing, or every other chunk, with this damage. */
enum Before {
  NOTHING,
  PARTIAL,
  /** The first and the last chunk that it claims have a wrong byte. */
  WRONG_CONTENT,
  /** The data file ends in the middle of the blob. */
  DATA_CUT,
  /** The data file goes on after the blob's end. */
  DATA_LONG,
  /** The tree file lacks its last byte: the claims of its last chunks. */
  TREE_CUT,
  /** The tree file has a wrong head. */
  TREE_HEAD,
  /** The tree file has a wrong hash of the second chunk, which proves the first. */
  TREE_NODE;

  // Where the file's nodes begin: after its magic, the size and the root.
  private static final int TREE_NODES = 48;

  /**
   * Lays it into the folder of a store that is not open.
   *
   * @return the chunks that are still good
   */
  BitSet lay(Path folder, byte[] blob, MerkleTree tree) throws IOException {
    BitSet good = new BitSet();
    BlobHead head = tree.head();
    if (this == NOTHING || head.chunks() == 0) {
      return good;
    }
    try (BlobStore store = BlobStore.open(folder);
        PartialBlob partial = store.openPartial(head)) {
      for (int i = 0; i < head.chunks(); i += 2) {
        ByteBuffer data = ByteBuffer.wrap(blob, (int) head.offset(i), head.chunkSize(i));
        partial.keep(new ProvenChunk(i, data, tree.proof(i)));
        good.set(i);
      }
    }
    Path data = folder.resolve("partial").resolve(head.id().toString());
    Path nodes = folder.resolve("partial").resolve(head.id() + ".tree");
    int last = good.length() - 1;
    switch (this) {
      case NOTHING, PARTIAL -> {}
      case WRONG_CONTENT -> {
        spoil(data, head.offset(0) + head.chunkSize(0) / 2);
        good.clear(0);
        if (last > 0) {
          spoil(data, head.offset(last) + head.chunkSize(last) / 2);
          good.clear(last);
        }
      }
      case DATA_CUT -> {
        cut(data, blob.length / 2);
        good.clear(blob.length / 2 / BlobHead.CHUNK_BYTES, head.chunks());
      }
      case DATA_LONG -> {
        try (FileChannel channel = FileChannel.open(data, StandardOpenOption.WRITE)) {
          channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), blob.length);
        }
      }
      case TREE_CUT -> {
        // Behind the nodes comes the bitmap, whose last byte is lost with all behind it.
        int known = new TreeShape(head.chunks()).nodes() * MerkleTree.HASH_BYTES;
        cut(nodes, TREE_NODES + known + last / 8);
        good.clear(last / 8 * 8, head.chunks());
      }
      case TREE_HEAD -> {
        spoil(nodes, 0);
        good.clear();
      }
      case TREE_NODE -> {
        if (head.chunks() > 1) {
          spoil(nodes, TREE_NODES + MerkleTree.HASH_BYTES);
          good.clear(0);
        }
      }
    }
    return good;
  }

  private static void cut(Path file, long size) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(size);
    }
  }

  private static void spoil(Path file, long at) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, at);
      one.put(0, (byte) ~one.get(0)).flip();
      channel.write(one, at);
    }
  }
}
