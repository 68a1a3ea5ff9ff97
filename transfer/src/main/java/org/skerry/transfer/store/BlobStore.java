package org.skerry.transfer.store;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.ChunkSource;
import org.skerry.transfer.TransferException;
import org.skerry.transfer.TransferException.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The blobs of this computer, in a folder that one process at a time owns and any process may read:
 *
 * <pre>
 * CID               a whole blob, a plain file; it appears under its name at once and complete
 * trees/CID         its tree, so that serving proofs needs no rehash
 * partial/CID       a blob that is being fetched, sparse
 * partial/CID.tree  which of its chunks are verified, and their proofs
 * partial/add-N     a blob that is being added; deleted when the store is opened
 * pins/CID          an empty file: {@link #delete} leaves the blob alone
 * lock              held by the owner
 * </pre>
 *
 * <p>Thread-safe. {@code open} is guarded by {@code this}; nothing slow happens under that lock.
 */
public final class BlobStore implements ChunkSource.Finder, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BlobStore.class);
  private static final int CHUNKS_PER_DISK_CHECK = 64;

  private final StoreFolder files;
  private final FileChannel lock;
  private final DiskGuard disk;
  private final AtomicLong damagedReads = new AtomicLong();
  private final Map<BlobId, Optional<PartialBlob>> open = new HashMap<>();
  private volatile Consumer<BlobId> damageListener = blob -> {};

  private BlobStore(Path folder, FreeSpace space, long minFreeBytes) throws IOException {
    this.files = StoreFolder.create(folder);
    this.disk = new DiskGuard(folder, space, minFreeBytes);
    this.lock = files.lock();
    try {
      files.recover();
    } catch (IOException e) {
      lock.close();
      throw e;
    }
  }

  /** Opens or creates the store in {@code folder}, with no minimum of free disk space. */
  public static BlobStore open(Path folder) throws IOException {
    return open(folder, FreeSpace.OF_FILE_SYSTEM, 0);
  }

  /**
   * Opens or creates the store in {@code folder}, and deletes what an interrupted {@link #add}
   * left.
   *
   * @param minFreeBytes what the store leaves free on its disk
   * @throws TransferException LOCKED when another process has it open
   */
  public static BlobStore open(Path folder, FreeSpace space, long minFreeBytes) throws IOException {
    return new BlobStore(folder.toAbsolutePath(), space, minFreeBytes);
  }

  /** Copies a file into the store. */
  public BlobId add(Path file) throws IOException {
    disk.require(Files.size(file));
    try (InputStream in = Files.newInputStream(file)) {
      return add(in);
    }
  }

  public BlobId add(byte[] blob) throws IOException {
    disk.require(blob.length);
    return add(new ByteArrayInputStream(blob));
  }

  /** Stores what {@code in} still has; the blob is durable when this returns. */
  public BlobId add(InputStream in) throws IOException {
    Path temp = files.temporary();
    Path tempTree = files.temporary();
    try {
      Sums.Done sums = copy(in, temp);
      BlobId id = sums.head().id();
      if (!has(id)) {
        sums.write(tempTree);
        Bytes.publish(tempTree, files.tree(id));
        Bytes.publish(temp, files.blob(id));
      }
      return id;
    } catch (IOException e) {
      throw disk.explain(e);
    } finally {
      Files.deleteIfExists(temp);
      Files.deleteIfExists(tempTree);
    }
  }

  private Sums.Done copy(InputStream in, Path temp) throws IOException {
    Sums sums = new Sums();
    try (FileChannel out =
        FileChannel.open(temp, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
      long at = 0;
      for (int i = 0; ; i++) {
        if (i % CHUNKS_PER_DISK_CHECK == 0) {
          disk.requireMinimum();
        }
        byte[] chunk = in.readNBytes(BlobHead.CHUNK_BYTES);
        if (chunk.length == 0) {
          break;
        }
        sums.add(ByteBuffer.wrap(chunk));
        Bytes.writeFully(out, ByteBuffer.wrap(chunk), at);
        at += chunk.length;
      }
      out.force(true);
    }
    return sums.done();
  }

  /** Whether the whole blob is here. */
  public boolean has(BlobId id) {
    return Files.isRegularFile(files.blob(id));
  }

  /**
   * The file of a whole blob, to be read or mapped, never written.
   *
   * @throws TransferException NOT_FOUND
   */
  public Path path(BlobId id) throws TransferException {
    if (!has(id)) {
      throw new TransferException(
          Reason.NOT_FOUND, "blob " + id + " is not in " + files.root() + ": fetch it first");
    }
    return files.blob(id);
  }

  /** The size in bytes of a whole blob. */
  public long size(BlobId id) throws IOException {
    return Files.size(path(id));
  }

  /** When a whole blob was last used, in milliseconds since 1970; 0 when it is not here. */
  public long usedAtMs(BlobId id) throws IOException {
    try {
      return Files.getLastModifiedTime(files.blob(id)).toMillis();
    } catch (NoSuchFileException e) {
      return 0;
    }
  }

  /** Notes that a whole blob is used now. Serving it to others is a use, too. */
  public void use(BlobId id) {
    try {
      Files.setLastModifiedTime(files.blob(id), FileTime.from(Instant.now()));
    } catch (IOException e) {
      log.debug("the use of {} is not noted: {}", id, e.getMessage());
    }
  }

  /** The whole blobs, in no order. */
  public List<BlobId> list() throws IOException {
    return files.blobs();
  }

  /** The blobs of which a part is here, in no order. */
  public List<BlobId> partials() throws IOException {
    return files.partials();
  }

  /** Keeps {@link #delete} from deleting this blob, until {@link #unpin}. */
  public void pin(BlobId id) throws IOException {
    Files.write(files.pin(id), new byte[0]);
  }

  public void unpin(BlobId id) throws IOException {
    Files.deleteIfExists(files.pin(id));
  }

  public boolean pinned(BlobId id) {
    return Files.exists(files.pin(id));
  }

  /**
   * Deletes a whole blob, which is served no more from now on; who reads its file reads on.
   *
   * @return whether it was here and is not pinned
   */
  public boolean delete(BlobId id) throws IOException {
    if (pinned(id) || !Files.deleteIfExists(files.blob(id))) {
      return false;
    }
    Files.deleteIfExists(files.tree(id));
    return true;
  }

  /** The head of a blob of which a part is here from an earlier run. */
  public Optional<BlobHead> partialHead(BlobId id) throws IOException {
    Path file = files.partialTree(id);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Optional<TreeFile> tree = TreeFile.open(file, id, StandardOpenOption.READ);
    tree.ifPresent(TreeFile::close);
    return tree.map(TreeFile::head);
  }

  /**
   * Begins or resumes a blob of at least one chunk. Chunks of an earlier run are hashed again;
   * those that were damaged are missing again.
   *
   * @throws TransferException LOCKED when it is open already, DISK_FULL when the rest does not fit
   */
  public PartialBlob openPartial(BlobHead head) throws IOException {
    BlobId id = head.id();
    synchronized (this) {
      if (open.putIfAbsent(id, Optional.empty()) != null) {
        throw new TransferException(
            Reason.LOCKED, "blob " + id + " is being fetched already: wait for that to end");
      }
    }
    Optional<PartialBlob> opened = Optional.empty();
    try {
      opened = Optional.of(resume(head));
      return opened.get();
    } catch (IOException e) {
      throw disk.explain(e);
    } finally {
      synchronized (this) {
        if (opened.isPresent()) {
          open.put(id, opened);
        } else {
          open.remove(id);
        }
      }
    }
  }

  private PartialBlob resume(BlobHead head) throws IOException {
    Path treeFile = files.partialTree(head.id());
    Path dataFile = files.partial(head.id());
    Optional<TreeFile> old = Optional.empty();
    if (Files.exists(treeFile)) {
      old = TreeFile.open(treeFile, head.id(), StandardOpenOption.READ, StandardOpenOption.WRITE);
    }
    if (old.isEmpty()) {
      disk.require(head.sizeBytes());
      Files.deleteIfExists(dataFile);
    }
    DataFile data = DataFile.open(dataFile);
    TreeFile tree = old.isPresent() ? old.get() : TreeFile.create(treeFile, head);
    try {
      return PartialBlob.open(this, disk, data, tree);
    } catch (IOException e) {
      data.close();
      tree.close();
      throw e;
    }
  }

  void publish(PartialBlob partial) throws IOException {
    BlobId id = partial.head().id();
    // The tree first: a data file whose tree is gone is what recover() knows how to finish.
    Bytes.publish(files.partialTree(id), files.tree(id));
    Bytes.publish(partial.dataFile(), files.blob(id));
    partial.close();
  }

  synchronized void closed(PartialBlob partial) {
    open.remove(partial.head().id());
  }

  void deletePartialFiles(BlobId id) throws IOException {
    Files.deleteIfExists(files.partialTree(id));
    Files.deleteIfExists(files.partial(id));
  }

  /** Deletes what was fetched of a blob that is not open; whether there was something. */
  public boolean discardPartial(BlobId id) throws IOException {
    synchronized (this) {
      if (open.containsKey(id)) {
        return false;
      }
    }
    boolean present = Files.exists(files.partial(id)) || Files.exists(files.partialTree(id));
    deletePartialFiles(id);
    return present;
  }

  /** Opens a whole blob, or one that is being fetched now, for serving. */
  @Override
  public Optional<ChunkSource> find(BlobId id) throws IOException {
    Optional<PartialBlob> partial;
    synchronized (this) {
      partial = open.getOrDefault(id, Optional.empty());
    }
    if (partial.isPresent()) {
      return Optional.of(new OpenPartial(partial.get()));
    }
    return has(id) ? Optional.of(stored(id)) : Optional.empty();
  }

  private ChunkSource stored(BlobId id) throws IOException {
    if (id.equals(BlobHead.EMPTY.id())) {
      return EmptySource.INSTANCE;
    }
    Optional<TreeFile> tree = openTree(id);
    if (tree.isEmpty()) {
      Verification now = verify(id); // Rebuilds the tree when the bytes are whole.
      tree = openTree(id);
      if (tree.isEmpty()) {
        damageListener.accept(id);
        throw new TransferException(Reason.DAMAGED, now.text(files.blob(id)));
      }
    }
    use(id);
    return StoredBlob.open(this, files.blob(id), tree.get());
  }

  private Optional<TreeFile> openTree(BlobId id) throws IOException {
    return Files.exists(files.tree(id))
        ? TreeFile.open(files.tree(id), id, StandardOpenOption.READ)
        : Optional.empty();
  }

  /** Reads a whole blob from end to end and hashes it; a damaged tree file is written anew. */
  public Verification verify(BlobId id) throws IOException {
    Sums.Done sums = read(path(id));
    if (!sums.head().id().equals(id)) {
      return new Verification(id, false);
    }
    Path temp = files.temporary();
    sums.write(temp);
    Bytes.publish(temp, files.tree(id));
    return new Verification(id, true);
  }

  private static Sums.Done read(Path file) throws IOException {
    Sums sums = new Sums();
    try (InputStream in = Files.newInputStream(file)) {
      for (byte[] chunk = in.readNBytes(BlobHead.CHUNK_BYTES);
          chunk.length > 0;
          chunk = in.readNBytes(BlobHead.CHUNK_BYTES)) {
        sums.add(ByteBuffer.wrap(chunk));
      }
    }
    return sums.done();
  }

  /**
   * Takes a damaged blob out of sight, keeping its whole chunks, so that the next fetch brings only
   * the damaged ones. A blob whose tree is damaged too is fetched anew.
   */
  public void demote(BlobId id) throws IOException {
    Path data = path(id);
    if (Files.exists(files.tree(id))) {
      Bytes.publish(files.tree(id), files.partialTree(id));
    }
    Bytes.publish(data, files.partial(id));
  }

  /** How often a chunk was read for serving and found damaged. */
  public long damagedReads() {
    return damagedReads.get();
  }

  /** {@code listener} hears, on the reading thread, of a blob that was found damaged. */
  public void onDamage(Consumer<BlobId> listener) {
    damageListener = listener;
  }

  void countDamage(BlobId id, int index) {
    damagedReads.incrementAndGet();
    log.warn("chunk {} of blob {} in {} is damaged and was not served", index, id, files.root());
    damageListener.accept(id);
  }

  @Override
  public void close() throws IOException {
    List<PartialBlob> left;
    synchronized (this) {
      left = open.values().stream().flatMap(Optional::stream).toList();
    }
    left.forEach(PartialBlob::close);
    lock.close();
  }

  /** What {@link #verify} found. */
  public record Verification(BlobId id, boolean whole) {
    /** One line for people. */
    public String text(Path file) {
      return whole
          ? file + " is whole"
          : file + " is damaged: delete it and fetch the blob again, and check the disk";
    }
  }
}
