package org.skerry.node.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.skerry.board.BoardException;
import org.skerry.board.document.Lineage;
import org.skerry.board.document.Task;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.config.NodeConfig;
import org.skerry.node.daemon.PeerStack;
import org.skerry.node.ensemble.Puller;
import org.skerry.node.ensemble.TaskName;
import org.skerry.node.home.IdentityFile;
import org.skerry.node.home.SkerryHome;
import org.skerry.node.task.TaskFolder;
import org.skerry.node.task.TaskForker;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.WebSeed;
import org.skerry.transfer.fetch.Progress;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "fork",
    mixinStandardHelpOptions = true,
    description = {
      "Sign a task of your own that goes on with somebody's partitions and weights.",
      "It has your evaluators, your name for it, and nobody else can take it back. Of the weights"
          + " that were accepted there, those count here which your evaluators accept, too. Without"
          + " the folder that its publisher made, they measure on its public validation images."
    },
    footer = {
      "",
      "Examples:",
      "  skerry task fork 12D3Koo…/emoji --out my-emoji.task",
      "  skerry task fork emoji.task --out emoji-again.task     your own, after a change of keys",
      "  skerry task publish my-emoji.task"
    })
final class TaskForkCommand implements CliAction {
  private final Session session;

  @Parameters(
      paramLabel = "TASK",
      description = "NAME, PUBLISHER/NAME, a task id, or a folder that `skerry task create` wrote")
  String source = "";

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "what people pull it by (default: the same)")
  @Nullable String name;

  @Mixin EvaluatorOptions evaluators = new EvaluatorOptions();
  @Mixin NetworkOptions network = new NetworkOptions();

  @Option(names = "--out", paramLabel = "DIR", description = "where to (default: NAME-fork.task)")
  @Nullable Path out;

  TaskForkCommand(Session session) {
    this.session = session;
  }

  @Override
  public void act() throws NodeException, IOException {
    SkerryHome home = session.openHome("cli.log");
    PrivateKey key = IdentityFile.loadOrCreate(home.identityKey());
    boolean here = Files.isDirectory(Path.of(source));
    Optional<Task> own =
        here ? Optional.of(read(new TaskFolder(Path.of(source)))) : Optional.empty();
    Task fork;
    if (own.isPresent() && own.get().manifest().parent().isEmpty()) {
      fork =
          sign(new Lineage(List.of(own.get())), new Folder(new TaskFolder(Path.of(source))), key);
    } else {
      NodeConfig config = network.config(session);
      try (PeerStack stack = Consumer.join(home, config, session.terminal())) {
        Lineage origin = stack.boards().lineage(own.isPresent() ? own.get() : find(stack, config));
        TaskForker.Source blobs =
            here ? new Folder(new TaskFolder(Path.of(source))) : new Fetching(stack);
        fork = sign(origin, blobs, key);
      }
    }
    session.terminal().print(fork.id().toString());
    Path target = target(fork.name());
    session.terminal().say("Signed, in " + target + "; next: skerry task publish " + target);
  }

  private Path target(String taskName) {
    return out == null ? Path.of(taskName + "-fork.task") : out;
  }

  private Task sign(Lineage origin, TaskForker.Source blobs, PrivateKey key) throws NodeException {
    Task task = origin.task();
    session
        .terminal()
        .say(
            "Forking %s of %s: %d partitions …"
                .formatted(task.name(), task.publisher(), task.manifest().partitions()));
    String named = name == null ? task.name() : name;
    try {
      return TaskForker.fork(
          origin,
          blobs,
          new TaskForker.Wish(named, evaluators.policy(key)),
          target(named),
          key,
          InstantSource.system().millis());
    } catch (IllegalArgumentException | BoardException e) {
      throw new NodeException(
          Reason.USAGE, String.valueOf(e.getMessage()), "run `skerry task fork --help`", e);
    }
  }

  private Task find(PeerStack stack, NodeConfig config) throws NodeException {
    try {
      return new Puller(
              stack.boards(),
              (id, title) -> stack.blobs().store().path(id),
              config.publishers(),
              stack.refusals(),
              session.terminal()::say)
          .resolve(TaskName.parse(source));
    } catch (BoardException e) {
      throw PullCommand.refusal(e);
    }
  }

  private static Task read(TaskFolder folder) throws NodeException {
    try {
      return folder.task();
    } catch (IOException e) {
      throw new NodeException(
          Reason.NOT_FOUND, String.valueOf(e.getMessage()), "name a task, or the folder of one", e);
    }
  }

  /** What its publisher, or who was given it, has in a folder. */
  private record Folder(TaskFolder folder) implements TaskForker.Source {
    @Override
    public Path blob(BlobId id, String title, List<WebSeed> web) {
      return folder.blobs().resolve(id.toString());
    }

    @Override
    public Optional<Path> heldOut(BlobId id) {
      return Optional.of(folder.secret().resolve(id.toString())).filter(Files::exists);
    }
  }

  /** What peers and web servers have. */
  private static final class Fetching implements TaskForker.Source {
    private final PeerStack stack;

    Fetching(PeerStack stack) {
      this.stack = stack;
    }

    @Override
    public Path blob(BlobId id, String title, List<WebSeed> web) throws IOException {
      return stack.blobs().fetchWhole(id, List.of(), web, Progress.Listener.NONE);
    }

    @Override
    public Optional<Path> heldOut(BlobId id) {
      return Optional.empty();
    }
  }
}
