package org.skerry.node.daemon;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.skerry.board.BoardException;
import org.skerry.board.document.Task;
import org.skerry.board.trust.Acceptance;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.event.Event;
import org.skerry.node.event.EventSink;
import org.skerry.node.home.AtomicFile;
import org.skerry.node.task.TaskFolder;
import org.skerry.node.task.Units;
import org.skerry.transfer.BlobId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tasks this node publishes: kept as files, so that they are announced again after a restart.
 * Thread-safe.
 */
final class PublishedTasks {
  private static final Logger LOG = LoggerFactory.getLogger(PublishedTasks.class);
  private static final String SUFFIX = ".task";

  private final PeerStack stack;
  private final Path folder;
  private final Secrets secrets;
  private final EventSink events;

  @GuardedBy("this")
  private final SortedMap<String, Task> tasks;

  PublishedTasks(PeerStack stack, Path folder, Secrets secrets, EventSink events) {
    this.stack = stack;
    this.folder = folder;
    this.secrets = secrets;
    this.events = events;
    this.tasks = read(folder);
  }

  /** The published tasks, by name. */
  synchronized List<Task> all() {
    return List.copyOf(tasks.values());
  }

  private static SortedMap<String, Task> read(Path folder) {
    SortedMap<String, Task> tasks = new TreeMap<>();
    if (!Files.isDirectory(folder)) {
      return tasks;
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(SUFFIX)).sorted().toList()) {
        try {
          Task task = Task.decode(Files.readAllBytes(file));
          tasks.put(task.name(), task);
        } catch (BoardException e) {
          LOG.warn("{} is no task: {}", file, e.getMessage());
        }
      }
    } catch (IOException e) {
      LOG.warn("{} cannot be read", folder, e);
    }
    return tasks;
  }

  /** Takes in everything of {@code source}, then tells the network. */
  synchronized Task publish(TaskFolder source) throws IOException, NodeException {
    Task task = read(source);
    if (!task.publisher().equals(stack.signer().self())) {
      throw new NodeException(
          Reason.NOT_ACCEPTED,
          "the task in " + source.folder() + " is signed by " + task.publisher(),
          "publish it from the node that created it, or create it again here");
    }
    for (BlobId blob : source.blobIds()) {
      BlobId added = stack.blobs().add(source.blobs().resolve(blob.toString()));
      if (!added.equals(blob)) {
        throw new NodeException(
            Reason.DATA_INVALID,
            source.blobs().resolve(blob.toString()) + " is damaged",
            "create the task again");
      }
      stack.blobs().store().pin(blob);
    }
    for (BlobId secret : source.secretIds()) {
      secrets.add(source.secret().resolve(secret.toString()));
    }
    AtomicFile.write(folder.resolve(task.name() + SUFFIX), task.encoded());
    tasks.put(task.name(), task);
    announce(task);
    events.record(
        new Event.TaskPublished(
            task.id().toString(), task.name(), task.units().stream().map(Units::nameOf).toList()));
    return task;
  }

  private static Task read(TaskFolder source) throws NodeException {
    try {
      return source.task();
    } catch (IOException e) {
      throw new NodeException(
          Reason.NOT_FOUND,
          String.valueOf(e.getMessage()),
          "create it with `skerry task create`",
          e);
    }
  }

  /** Puts the tasks and the catalog again: records end after two days. */
  void announceAll() {
    List<Task> tasks = all();
    for (Task task : tasks) {
      try {
        stack.boards().publishTask(task);
      } catch (BoardException e) {
        LOG.warn("task {} was not announced: {}", task.name(), e.getMessage());
      }
    }
    if (!tasks.isEmpty()) {
      publishCatalog();
    }
  }

  /** Makes the held-out shards of those tasks public that are over by now. */
  void revealFinished() {
    for (Task task : all()) {
      try {
        if (!secrets.isRevealed(task) && isFinished(task)) {
          secrets.reveal(task);
          LOG.info("task {} is over: its held-out shards are public now", task.name());
        }
      } catch (BoardException | IOException e) {
        LOG.warn("held-out shards of {} are not revealed: {}", task.name(), e.getMessage());
      }
    }
  }

  private boolean isFinished(Task task) {
    return Acceptance.judge(task.charter(), stack.boards().boards(task), stack.refusals())
        .isFinished(task);
  }

  private void announce(Task task) throws NodeException {
    try {
      stack.boards().publishTask(task);
      publishCatalog();
    } catch (BoardException e) {
      throw new NodeException(
          Reason.UNREACHABLE,
          "task "
              + task.name()
              + " is kept here, but no peer took its record ("
              + e.getMessage()
              + ")",
          "it is announced again every hour; add a bootstrap address to be heard sooner",
          e);
    }
  }

  private void publishCatalog() {
    SortedMap<String, Cid> names = new TreeMap<>();
    all().forEach(task -> names.put(task.name(), task.id()));
    stack.boards().publishCatalog(stack.signer().catalog(names));
  }

  /** Takes a task back: the network is told first, then it is forgotten here. */
  synchronized void withdraw(String idOrName) throws NodeException, IOException {
    for (Task task : all()) {
      if (task.name().equals(idOrName) || task.id().toString().equals(idOrName)) {
        stack.boards().post(task, stack.signer().withdrawal(task, "withdrawn by its publisher"));
        Files.deleteIfExists(folder.resolve(task.name() + SUFFIX));
        tasks.remove(task.name());
        publishCatalog();
        return;
      }
    }
    throw new NodeException(
        Reason.NOT_FOUND,
        "this node publishes no task '" + idOrName + "'",
        "`skerry task list` shows the tasks it publishes");
  }
}
