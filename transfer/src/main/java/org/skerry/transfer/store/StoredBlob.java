package org.skerry.transfer.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.ChunkSet;
import org.skerry.transfer.ChunkSource;
import org.skerry.transfer.MerkleProof;
import org.skerry.transfer.ProvenChunk;

/** A whole blob, opened for serving. A chunk that the disk has spoilt is not given out. */
final class StoredBlob implements ChunkSource {
  private final BlobStore store;
  private final BlobId id;
  private final FileChannel data;
  private final TreeFile tree;

  /** A chunk that waits for its peer gets old: one each would fill the heap with garbage. */
  private final ByteBuffer room;

  private StoredBlob(BlobStore store, FileChannel data, TreeFile tree) {
    this.store = store;
    this.id = tree.head().id();
    this.data = data;
    this.tree = tree;
    this.room = ByteBuffer.allocate(head().chunkSize(0));
  }

  static StoredBlob open(BlobStore store, Path dataFile, TreeFile tree) throws IOException {
    try {
      return new StoredBlob(store, FileChannel.open(dataFile, StandardOpenOption.READ), tree);
    } catch (IOException e) {
      tree.close();
      throw e;
    }
  }

  @Override
  public BlobHead head() {
    return tree.head();
  }

  @Override
  public ChunkSet have() {
    return ChunkSet.all(head().chunks());
  }

  @Override
  public Optional<ProvenChunk> chunk(int index) throws IOException {
    if (!store.has(id)) {
      return Optional.empty(); // Deleted since it was opened.
    }
    ByteBuffer chunk = room.slice(0, head().chunkSize(index));
    if (Bytes.readFully(data, chunk, head().offset(index))) {
      chunk.flip();
      MerkleProof proof = tree.proof(index);
      if (tree.proves(index, chunk, proof)) {
        return Optional.of(new ProvenChunk(index, chunk, proof));
      }
    }
    store.countDamage(id, index);
    return Optional.empty();
  }

  @Override
  public void close() {
    Bytes.closeQuietly(data);
    tree.close();
  }
}
