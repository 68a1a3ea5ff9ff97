package org.skerry.transfer.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.skerry.libp2p.multiformats.MultiformatException;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.TransferException;
import org.skerry.transfer.TransferException.Reason;

/** Which file of a store stands where, as {@link BlobStore} shows it. Thread-safe. */
final class StoreFolder {
  private static final String TREE_SUFFIX = ".tree";
  private static final String ADD_PREFIX = "add-";

  private final Path root;
  private final Path trees;
  private final Path partials;
  private final Path pins;
  private final AtomicLong temporaries = new AtomicLong();

  private StoreFolder(Path root) {
    this.root = root;
    this.trees = root.resolve("trees");
    this.partials = root.resolve("partial");
    this.pins = root.resolve("pins");
  }

  static StoreFolder create(Path root) throws IOException {
    StoreFolder folder = new StoreFolder(root);
    for (Path part : List.of(folder.trees, folder.partials, folder.pins)) {
      try {
        Files.createDirectories(part);
      } catch (IOException e) {
        throw new TransferException(
            Reason.STORE_FAILED,
            "cannot create " + part + " (" + e + "): make it writable, or name another folder",
            e);
      }
    }
    return folder;
  }

  Path root() {
    return root;
  }

  Path blob(BlobId id) {
    return root.resolve(id.toString());
  }

  Path tree(BlobId id) {
    return trees.resolve(id.toString());
  }

  Path partial(BlobId id) {
    return partials.resolve(id.toString());
  }

  Path partialTree(BlobId id) {
    return partials.resolve(id + TREE_SUFFIX);
  }

  Path pin(BlobId id) {
    return pins.resolve(id.toString());
  }

  /** A new name; a file left under it is deleted by {@link #recover}. */
  Path temporary() {
    return partials.resolve(ADD_PREFIX + temporaries.getAndIncrement());
  }

  List<BlobId> blobs() throws IOException {
    return ids(root);
  }

  List<BlobId> partials() throws IOException {
    return ids(partials);
  }

  /** Becomes the owner of the folder until the channel is closed. */
  FileChannel lock() throws IOException {
    FileChannel channel =
        FileChannel.open(root.resolve("lock"), StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    try {
      @SuppressWarnings("resource") // Ends when the channel is closed.
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // Held by this very process.
    }
    channel.close();
    throw new TransferException(
        Reason.LOCKED, root + " is in use by another process: stop it, or name another folder");
  }

  /** Tidies up after a kill. */
  void recover() throws IOException {
    for (Path file : files(partials)) {
      if (file.getFileName().toString().startsWith(ADD_PREFIX)) {
        Files.delete(file);
      }
    }
    for (BlobId id : partials()) {
      if (!Files.exists(partialTree(id)) && Files.exists(tree(id)) && !Files.exists(blob(id))) {
        Bytes.publish(tree(id), partialTree(id)); // Killed between the two moves of a publish.
      }
    }
    for (BlobId id : ids(trees)) {
      if (!Files.exists(blob(id))) {
        Files.delete(tree(id));
      }
    }
  }

  private static List<BlobId> ids(Path folder) throws IOException {
    return files(folder).stream()
        .map(file -> parse(file.getFileName().toString()))
        .flatMap(Optional::stream)
        .toList();
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> Files.isRegularFile(file)).toList();
    }
  }

  private static Optional<BlobId> parse(String name) {
    try {
      return Optional.of(BlobId.parse(name));
    } catch (MultiformatException e) {
      return Optional.empty();
    }
  }
}
