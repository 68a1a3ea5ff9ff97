package org.skerry.node.home;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.skerry.trainer.DurableFiles;

/**
 * A folder that is there whole or not at all, whenever the machine stops: it is written beside its
 * place, under a hidden name, and takes its name when all of it has reached the disk. What a killed
 * process left is cleared by the next one that writes the same folder. Used by one thread.
 */
public final class AtomicFolder implements AutoCloseable {
  private static final String PARTIAL = ".partial";
  private static final String LOCK = ".lock";

  private final Path target;
  private final Path folder;
  private final Path replaced;
  private final ProcessLock lock;
  private boolean committed;

  private AtomicFolder(Path target, Path folder, Path replaced, ProcessLock lock) {
    this.target = target;
    this.folder = folder;
    this.replaced = replaced;
    this.lock = lock;
  }

  /** Begins to write what will be {@code target}. */
  public static AtomicFolder begin(Path target) throws IOException {
    Path absolute = target.toAbsolutePath().normalize();
    Path parent = absolute.getParent();
    if (parent == null) {
      throw new IOException("the root of the file system cannot be written anew");
    }
    Files.createDirectories(parent);
    recover(absolute);
    String name = prefix(absolute) + UUID.randomUUID() + PARTIAL;
    Path folder = Files.createDirectory(parent.resolve(name));
    ProcessLock lock =
        ProcessLock.tryAcquire(folder.resolve(LOCK))
            .orElseThrow(() -> new IOException(folder + " is being cleared by another process"));
    return new AtomicFolder(absolute, folder, replaced(absolute), lock);
  }

  /** Undoes or ends what killed processes began, so that {@code target} is as it last was whole. */
  public static void recover(Path target) throws IOException {
    Path absolute = target.toAbsolutePath().normalize();
    Path parent = absolute.getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      return;
    }
    Path replaced = replaced(absolute);
    if (Files.isDirectory(replaced, LinkOption.NOFOLLOW_LINKS)) {
      if (Files.exists(absolute)) {
        DurableFiles.deleteTree(replaced);
      } else {
        Files.move(replaced, absolute, StandardCopyOption.ATOMIC_MOVE);
      }
    }
    for (Path left : partials(absolute, parent)) {
      Optional<ProcessLock> unowned = lockOf(left);
      if (unowned.isPresent()) {
        unowned.get().close();
        discard(left);
      }
    }
  }

  private static List<Path> partials(Path target, Path parent) throws IOException {
    try (Stream<Path> beside = Files.list(parent)) {
      return beside
          .filter(path -> {
            String name = path.getFileName().toString();
            return name.startsWith(prefix(target)) && name.endsWith(PARTIAL);
          })
          .filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
          .toList();
    }
  }

  private static Optional<ProcessLock> lockOf(Path partial) throws IOException {
    try {
      return ProcessLock.tryAcquire(partial.resolve(LOCK));
    } catch (NoSuchFileException e) {
      return Optional.empty(); // Just moved to its place.
    }
  }

  /** A folder that moved to its place meanwhile is out of reach, and stays whole. */
  private static void discard(Path partial) throws IOException {
    Path dead = partial.resolveSibling(partial.getFileName() + ".dead" + PARTIAL);
    try {
      Files.move(partial, dead, StandardCopyOption.ATOMIC_MOVE);
      DurableFiles.deleteTree(dead);
    } catch (NoSuchFileException e) {
      return;
    }
  }

  private static String prefix(Path target) {
    return "." + target.getFileName() + ".";
  }

  private static Path replaced(Path target) {
    return target.resolveSibling(prefix(target) + "replaced");
  }

  /** Where to write; nobody else does. */
  public Path folder() {
    return folder;
  }

  /**
   * Makes everything durable and gives the folder its name.
   *
   * @param replace whether a folder that has the name already goes away
   * @throws FileAlreadyExistsException when something has the name and may not be replaced
   */
  public void commit(boolean replace) throws IOException {
    fsyncAll(folder);
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS) && !isEmpty(target)) {
      if (!replace) {
        throw new FileAlreadyExistsException(target.toString());
      }
      Files.move(target, replaced, StandardCopyOption.ATOMIC_MOVE);
    }
    Files.delete(folder.resolve(LOCK));
    Files.move(folder, target, StandardCopyOption.ATOMIC_MOVE);
    committed = true;
    fsync(Objects.requireNonNull(target.getParent()));
    if (Files.isDirectory(replaced, LinkOption.NOFOLLOW_LINKS)) {
      DurableFiles.deleteTree(replaced);
    }
  }

  private static boolean isEmpty(Path path) throws IOException {
    if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try (Stream<Path> inside = Files.list(path)) {
      return inside.findAny().isEmpty();
    }
  }

  private static void fsyncAll(Path root) throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            fsync(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            fsync(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** fsync reaches what others wrote to the same file, so one that only reads will do. */
  private static void fsync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path)) {
      channel.force(true);
    }
  }

  /** Deletes what was written, unless it has its name. */
  @Override
  public void close() throws IOException {
    lock.close();
    if (!committed) {
      DurableFiles.deleteTree(folder);
    }
  }
}
