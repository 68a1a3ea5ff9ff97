package org.skerry.node.daemon;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.skerry.board.BoardException;
import org.skerry.board.document.Lineage;
import org.skerry.board.document.Task;
import org.skerry.board.record.BoardClient;
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
 * The tasks this node publishes, and those that they extend: kept as files, so that they are
 * announced again after a restart. Thread-safe.
 */
final class PublishedTasks {
  private static final Logger LOG = LoggerFactory.getLogger(PublishedTasks.class);
  private static final String SUFFIX = ".task";
  private static final String WITHDRAWN = ".withdrawn";

  private final PeerStack stack;
  private final Path folder;
  private final Secrets secrets;
  private final EventSink events;

  @GuardedBy("this")
  private final Map<Cid, Task> tasks;

  PublishedTasks(PeerStack stack, Path folder, Secrets secrets, EventSink events) {
    this.stack = stack;
    this.folder = folder;
    this.secrets = secrets;
    this.events = events;
    this.tasks = read(folder, SUFFIX);
  }

  /** The published tasks, each before those that it extends. */
  synchronized List<Task> all() {
    List<Task> out = new ArrayList<>(newest().values());
    for (int i = 0; i < out.size(); i++) {
      out.get(i).manifest().parent().map(tasks::get).ifPresent(out::add);
    }
    return out.stream().distinct().toList();
  }

  /** The tasks that names lead to: the rest is extended by others. */
  private synchronized SortedMap<String, Task> newest() {
    Set<Cid> extended = Lineage.parents(tasks.values());
    SortedMap<String, Task> out = new TreeMap<>();
    tasks.values().stream()
        .filter(task -> !extended.contains(task.id()))
        .forEach(task -> out.put(task.name(), task));
    return out;
  }

  private static Map<Cid, Task> read(Path folder, String suffix) {
    Map<Cid, Task> tasks = new LinkedHashMap<>();
    if (!Files.isDirectory(folder)) {
      return tasks;
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(suffix)).sorted().toList()) {
        try {
          Task task = Task.decode(Files.readAllBytes(file));
          tasks.put(task.id(), task);
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
    if (!stack.signer().isOwn(task.publisher())) {
      throw new NodeException(
          Reason.NOT_ACCEPTED,
          "the task in " + source.folder() + " is signed by " + task.publisher(),
          "publish it from the node that created it, or create it again here");
    }
    if (Files.exists(file(task, WITHDRAWN))) {
      throw new NodeException(
          Reason.NOT_ACCEPTED,
          "task " + task.name() + " was withdrawn, which cannot be taken back",
          "create it again: it gets another id");
    }
    Lineage lineage = lineage(task);
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
    AtomicFile.write(file(task, SUFFIX), task.encoded());
    tasks.put(task.id(), task);
    forgetNamesakes(lineage);
    announce(task);
    events.record(
        new Event.TaskPublished(
            task.id().toString(), task.name(), task.units().stream().map(Units::nameOf).toList()));
    return task;
  }

  /** One file a version: a name is the newest one's, and the older ones are needed with it. */
  private Path file(Task task, String suffix) {
    return folder.resolve(task.name() + "." + task.id() + suffix);
  }

  /** A task that is to be published, with those it extends, which are published already. */
  private synchronized Lineage lineage(Task task) throws NodeException {
    List<Task> versions = new ArrayList<>(List.of(task));
    while (versions.getLast().manifest().parent().isPresent()) {
      Cid parent = versions.getLast().manifest().parent().get();
      Task older = tasks.get(parent);
      if (older == null) {
        throw new NodeException(
            Reason.NOT_FOUND,
            "task " + task.name() + " extends " + parent + ", which this node does not publish",
            "publish that one first");
      }
      versions.add(older);
    }
    try {
      return new Lineage(versions);
    } catch (BoardException e) {
      throw new NodeException(
          Reason.DATA_INVALID,
          String.valueOf(e.getMessage()),
          "make it with `skerry task extend`",
          e);
    }
  }

  /** A name leads to one task and those that it extends: whatever else had it is forgotten. */
  private synchronized void forgetNamesakes(Lineage lineage) throws IOException {
    Task task = lineage.task();
    if (Lineage.parents(tasks.values()).contains(task.id())) {
      return; // published once more, while a newer version has the name
    }
    for (Task other : List.copyOf(tasks.values())) {
      if (other.name().equals(task.name()) && !lineage.versions().contains(other)) {
        Files.deleteIfExists(file(other, SUFFIX));
        tasks.remove(other.id());
      }
    }
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

  /**
   * Puts the tasks, their boards, what was withdrawn and the catalog again: records end after two
   * days. A catalog without tasks is one, too: it is newer than those with.
   */
  void announceAll() {
    for (Task task : all()) {
      try {
        stack.boards().publishTask(task);
        stack.boards().keepBoards(task);
      } catch (BoardException e) {
        LOG.warn("task {} was not announced: {}", task.name(), e.getMessage());
      }
    }
    for (Task task : read(folder, WITHDRAWN).values()) {
      try {
        postWithdrawal(task);
      } catch (BoardException e) {
        LOG.warn("that {} was withdrawn was not said again: {}", task.name(), e.getMessage());
      }
    }
    try {
      if (Files.isDirectory(folder)) {
        publishCatalog();
      }
    } catch (BoardException e) {
      LOG.warn("the catalog was not announced: {}", e.getMessage());
    }
  }

  private void postWithdrawal(Task task) {
    stack.boards().post(task, stack.signer().withdrawal(task, "withdrawn by its publisher"));
  }

  /** Makes the held-out shards of those tasks public that are over by now. */
  void revealFinished() {
    for (Task task : all()) {
      try {
        if (!secrets.isRevealed(task) && isFinishedWithItsExtensions(task)) {
          secrets.reveal(task);
          LOG.info("task {} is over: its held-out shards are public now", task.name());
        }
      } catch (BoardException | IOException e) {
        LOG.warn("held-out shards of {} are not revealed: {}", task.name(), e.getMessage());
      }
    }
  }

  /** The router of an extension is measured on the held-out shards of what it extends, too. */
  private boolean isFinishedWithItsExtensions(Task task) {
    return isFinished(task)
        && all().stream()
            .filter(other -> other.manifest().parent().equals(Optional.of(task.id())))
            .allMatch(this::isFinishedWithItsExtensions);
  }

  private boolean isFinished(Task task) {
    BoardClient boards = stack.boards();
    Lineage lineage = boards.lineage(task);
    return Acceptance.judge(lineage, boards.boards(lineage), stack.refusals()).isFinished(task);
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
    newest().forEach((name, task) -> names.put(name, task.id()));
    stack.boards().publishCatalog(stack.signer().catalog(names));
  }

  /**
   * Takes a task back: the network is told first, then it is forgotten here. The one that it
   * extends stays.
   */
  synchronized void withdraw(String idOrName) throws NodeException, IOException {
    for (Task task : newest().values()) {
      if (task.name().equals(idOrName) || task.id().toString().equals(idOrName)) {
        postWithdrawal(task);
        AtomicFile.write(file(task, WITHDRAWN), task.encoded());
        Files.deleteIfExists(file(task, SUFFIX));
        tasks.remove(task.id());
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
