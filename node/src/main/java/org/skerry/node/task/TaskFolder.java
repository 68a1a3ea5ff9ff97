package org.skerry.node.task;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.skerry.board.BoardException;
import org.skerry.board.document.Task;
import org.skerry.libp2p.multiformats.MultiformatException;
import org.skerry.transfer.BlobId;

/**
 * A task on disk between {@code task create} and {@code task publish}:
 *
 * <pre>
 * task.cbor      the signed task record
 * blobs/CID      everything that is served
 * secret/CID     the evaluators' held-out shards and their indexes; never served before the end
 * </pre>
 */
public record TaskFolder(Path folder) {
  private static final String TASK = "task.cbor";

  /** Where a task is being written that is not yet complete. */
  static TaskFolder create(Path folder) throws IOException {
    TaskFolder task = new TaskFolder(folder);
    Files.createDirectories(task.blobs());
    Files.createDirectories(task.secret());
    return task;
  }

  public Path blobs() {
    return folder.resolve("blobs");
  }

  public Path secret() {
    return folder.resolve("secret");
  }

  Path record() {
    return folder.resolve(TASK);
  }

  /**
   * The signed task.
   *
   * @throws IOException when there is none, or what is there is no task
   */
  public Task task() throws IOException {
    try {
      return Task.decode(Files.readAllBytes(record()));
    } catch (NoSuchFileException e) {
      throw new IOException(
          folder + " holds no task; name a folder that `skerry task create` wrote", e);
    } catch (BoardException | MultiformatException e) {
      throw new IOException(record() + " is not a task: " + e.getMessage(), e);
    }
  }

  /** The ids of the files in {@link #blobs}. */
  public List<BlobId> blobIds() throws IOException {
    return ids(blobs());
  }

  /** The ids of the files in {@link #secret}. */
  public List<BlobId> secretIds() throws IOException {
    return ids(secret());
  }

  private static List<BlobId> ids(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> BlobId.parse(file.getFileName().toString())).sorted().toList();
    } catch (MultiformatException e) {
      throw new IOException(folder + " holds a file that is not named as a blob", e);
    }
  }
}
