package org.skerry.transfer.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.ChunkSet;
import org.skerry.transfer.MerkleProof;
import org.skerry.transfer.MerkleTree;
import org.skerry.transfer.PartialTree;
import org.skerry.transfer.ProvenChunk;

/**
 * A blob that is being fetched: its chunks so far in a sparse file, and what proves them in a tree
 * file beside it. A chunk's bytes are written before its bit, so that after a kill a set bit means
 * bytes that were handed to the operating system; after a power cut they may be gone all the same,
 * so opening hashes every chunk whose bit is set and forgets those that fail. What came is synced
 * every 32 MiB, beside what comes meanwhile, which waits when it is as much again: so no more than
 * 64 MiB are gone, and a chunk for each source.
 *
 * <p>Thread-safe; every mutable field is guarded by {@code this}, the slow write of a chunk's bytes
 * happens outside the lock.
 */
public final class PartialBlob implements AutoCloseable {
  /** What became of an offered chunk. */
  public enum Kept {
    KEPT,
    /** It was here already. */
    DUPLICATE,
    /** The bytes are not those of the blob. */
    BAD_CHUNK,
    /** The proof does not lead to the root. */
    BAD_PROOF
  }

  private static final int CHUNKS_PER_DISK_CHECK = 64;
  private static final long SYNC_BYTES = 32L << 20;

  private final BlobStore store;
  private final DiskGuard disk;
  private final DataFile data;
  private final TreeFile treeFile;
  private final PartialTree tree;
  private final BitSet have = new BitSet();
  private final int resumedChunks;
  private final int damagedChunks;
  private long missingBytes;
  private int sinceDiskCheck;
  private boolean closed;
  private final AtomicLong unsynced = new AtomicLong();
  private final Semaphore syncing = new Semaphore(1);
  private volatile @Nullable IOException syncFailure;

  private PartialBlob(BlobStore store, DiskGuard disk, DataFile data, TreeFile treeFile)
      throws IOException {
    this.store = store;
    this.disk = disk;
    this.data = data;
    this.treeFile = treeFile;
    this.tree = new PartialTree(treeFile.head());
    BitSet claimed = treeFile.bitmap();
    this.missingBytes = head().sizeBytes();
    for (int i = claimed.nextSetBit(0); i >= 0; i = claimed.nextSetBit(i + 1)) {
      Optional<ByteBuffer> chunk = read(i);
      if (chunk.isPresent()
          && tree.offer(i, MerkleTree.leafHash(chunk.get()), treeFile.proof(i))
              == PartialTree.Offer.PROVEN) {
        have.set(i);
        missingBytes -= head().chunkSize(i);
      }
    }
    this.resumedChunks = have.cardinality();
    this.damagedChunks = claimed.cardinality() - resumedChunks;
  }

  static PartialBlob open(BlobStore store, DiskGuard disk, DataFile data, TreeFile treeFile)
      throws IOException {
    data.truncate(treeFile.head().sizeBytes()); // What lies beyond would be published too.
    PartialBlob partial = new PartialBlob(store, disk, data, treeFile);
    disk.promise(partial.missingBytes);
    return partial;
  }

  public BlobHead head() {
    return treeFile.head();
  }

  /** The chunks that are on disk and verified. */
  public synchronized ChunkSet have() {
    return ChunkSet.of(head().chunks(), have);
  }

  public synchronized long completedBytes() {
    return head().sizeBytes() - missingBytes;
  }

  public synchronized boolean isComplete() {
    return missingBytes == 0;
  }

  /** Chunks of an earlier run that were found whole at opening. */
  public int resumedChunks() {
    return resumedChunks;
  }

  /**
   * Chunks of an earlier run that were found damaged or cut off at opening, and are missing again.
   */
  public int damagedChunks() {
    return damagedChunks;
  }

  /**
   * Verifies a chunk and writes it; nothing of a refused one touches the disk.
   *
   * @throws IOException DISK_FULL, or the disk's own error; the chunk is then still missing
   */
  public Kept keep(ProvenChunk chunk) throws IOException {
    int index = chunk.index();
    if (index >= head().chunks() || chunk.data().remaining() != head().chunkSize(index)) {
      return Kept.BAD_CHUNK;
    }
    byte[] leaf = MerkleTree.leafHash(chunk.data());
    PartialTree.Offer offer;
    synchronized (this) {
      requireOpen();
      if (have.get(index)) {
        return Kept.DUPLICATE;
      }
      offer = tree.offer(index, leaf, chunk.proof());
      if (offer == PartialTree.Offer.PROVEN && sinceDiskCheck++ % CHUNKS_PER_DISK_CHECK == 0) {
        disk.requireMinimum();
      }
    }
    return switch (offer) {
      case BAD_CHUNK -> Kept.BAD_CHUNK;
      case BAD_PROOF -> Kept.BAD_PROOF;
      case PROVEN -> write(chunk, leaf);
    };
  }

  private Kept write(ProvenChunk chunk, byte[] leaf) throws IOException {
    try {
      // Two threads may write the same genuine bytes of one chunk: no harm.
      int size = chunk.data().remaining();
      int checksum = TreeFile.checksum(chunk.data());
      data.writeFully(chunk.data().duplicate(), head().offset(chunk.index()));
      Kept kept = mark(chunk.index(), leaf, checksum, chunk.proof());
      sync(size);
      return kept;
    } catch (IOException e) {
      throw disk.explain(e);
    }
  }

  /** Beside the sources, which wait for the disk only when it falls far behind. */
  private void sync(int more) throws IOException {
    if (unsynced.addAndGet(more) >= SYNC_BYTES) {
      syncing.acquireUninterruptibly(); // Until the disk has what came before.
      if (unsynced.get() >= SYNC_BYTES) {
        unsynced.set(0);
        Thread.ofVirtual().name("blob-sync").start(this::syncNow);
      } else {
        syncing.release(); // Another source was faster.
      }
    }
    IOException failure = syncFailure;
    if (failure != null) {
      throw new IOException("cannot sync " + data.path() + ": " + failure.getMessage(), failure);
    }
  }

  private void syncNow() {
    try {
      data.force(false);
      treeFile.force();
    } catch (ClosedChannelException e) {
      // Published or closed meanwhile, which syncs by itself.
    } catch (IOException e) {
      syncFailure = e;
    } finally {
      syncing.release();
    }
  }

  private synchronized Kept mark(int index, byte[] leaf, int checksum, MerkleProof proof)
      throws IOException {
    requireOpen();
    if (have.get(index)) {
      return Kept.DUPLICATE;
    }
    treeFile.put(index, leaf, checksum, proof);
    have.set(index);
    try {
      treeFile.putBit(index, have);
    } catch (IOException e) {
      have.clear(index);
      throw e;
    }
    int size = head().chunkSize(index);
    missingBytes -= size;
    disk.fulfil(size);
    return Kept.KEPT;
  }

  /** Chunk {@code index} with its proof, when it is here and still whole. */
  public Optional<ProvenChunk> chunk(int index) throws IOException {
    MerkleProof proof;
    synchronized (this) {
      if (closed || !have.get(index)) {
        return Optional.empty();
      }
      proof = tree.proof(index);
    }
    Optional<ByteBuffer> chunk = read(index);
    if (chunk.isEmpty() || !treeFile.proves(index, chunk.get(), proof)) {
      store.countDamage(head().id(), index);
      return Optional.empty();
    }
    return Optional.of(new ProvenChunk(index, chunk.get(), proof));
  }

  /** Makes the complete blob visible in the store; this object is then closed. */
  public void publish() throws IOException {
    synchronized (this) {
      requireOpen();
      if (missingBytes > 0) {
        throw new IllegalStateException(
            head().id() + " lacks " + (head().chunks() - have.cardinality()) + " chunks");
      }
      data.force(true);
      treeFile.force();
    }
    store.publish(this);
  }

  /** Stops, and keeps what was fetched for a later {@link BlobStore#openPartial}. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      disk.fulfil(missingBytes);
    }
    data.close();
    treeFile.close();
    store.closed(this);
  }

  /** Stops, and deletes what was fetched. */
  public void discard() throws IOException {
    close();
    store.deletePartialFiles(head().id());
  }

  Path dataFile() {
    return data.path();
  }

  private Optional<ByteBuffer> read(int index) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(head().chunkSize(index));
    return data.readFully(chunk, head().offset(index))
        ? Optional.of(chunk.flip())
        : Optional.empty();
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the partial blob " + head().id() + " is closed");
    }
  }
}
