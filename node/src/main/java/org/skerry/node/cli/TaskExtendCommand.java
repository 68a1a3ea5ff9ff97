package org.skerry.node.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.skerry.board.BoardException;
import org.skerry.board.document.Task;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.home.FormerKeys;
import org.skerry.node.home.IdentityFile;
import org.skerry.node.home.SkerryHome;
import org.skerry.node.task.Partitioner;
import org.skerry.node.task.TaskFolder;
import org.skerry.node.task.TaskMaker;
import org.skerry.trainer.dataset.Dataset;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "extend",
    mixinStandardHelpOptions = true,
    description = {
      "Sign the next version of a task, with partitions of new images beside the old ones.",
      "Experts of the old partitions count as they are, and go on to be trained where they were;"
          + " the router is trained anew, from the old one's weights."
    },
    footer = {
      "",
      "Example:",
      "  skerry task extend emoji.task --images ~/more --experts 2 --out emoji-2.task",
      "  skerry task publish emoji-2.task"
    })
final class TaskExtendCommand implements CliAction {
  private final Session session;

  @Parameters(
      paramLabel = "DIR",
      description = "the newest version: a folder that `skerry task create` or this wrote")
  Path folder = Path.of(".");

  @Option(
      names = "--images",
      required = true,
      paramLabel = "PATH",
      description = "new images, as `skerry task create` reads them")
  String images = "";

  @Mixin PartitionOptions partitions = new PartitionOptions();

  @Option(names = "--seed", paramLabel = "N", description = "of clustering (default: 1)")
  long seed = 1;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "where to (default: NAME-extended.task)")
  @Nullable Path out;

  TaskExtendCommand(Session session) {
    this.session = session;
  }

  @Override
  public void act() throws NodeException, InterruptedException {
    SkerryHome home = session.openHome("cli.log");
    Terminal terminal = session.terminal();
    PrivateKey identity = IdentityFile.loadOrCreate(home.identityKey());
    TaskFolder parent = new TaskFolder(folder);
    Task older = read(parent);
    // What was signed by the key before this one goes on to be.
    PrivateKey key = new FormerKeys(home.formerKeys()).of(older.publisher()).orElse(identity);
    requireExtensible(older, PeerId.of(key.publicKey()));
    Path target = out == null ? Path.of(older.name() + "-extended.task") : out;
    terminal.say("Reading " + images + " …");
    Dataset dataset = TaskMaker.read(images, older.manifest().expertModel().imageSize());
    dataset.skippedText().ifPresent(terminal::warn);
    terminal.say("Clustering " + dataset.images().count() + " images …");
    Task task;
    try {
      Partitioner.Result result =
          new Partitioner(partitions.wish(seed), new DinoWorker(home, terminal), terminal::say)
              .run(dataset.images());
      task = TaskMaker.extend(parent, result, target, key);
    } catch (IllegalArgumentException | BoardException e) {
      throw new NodeException(
          Reason.USAGE, String.valueOf(e.getMessage()), "run `skerry task extend --help`", e);
    }
    terminal.print(task.id().toString());
    terminal.say(
        "%s grows from %d partitions to %d."
            .formatted(task.name(), older.manifest().partitions(), task.manifest().partitions()));
    terminal.say("Signed, in " + target + "; next: skerry task publish " + target);
  }

  private static Task read(TaskFolder folder) throws NodeException {
    try {
      return folder.task();
    } catch (IOException e) {
      throw new NodeException(
          Reason.NOT_FOUND,
          String.valueOf(e.getMessage()),
          "name the folder of the task that is to grow",
          e);
    }
  }

  private static void requireExtensible(Task task, PeerId self) throws NodeException {
    if (!task.publisher().equals(self)) {
      throw new NodeException(
          Reason.NOT_ACCEPTED,
          "task " + task.name() + " is signed by " + task.publisher() + ", and only they extend it",
          "extend it at its publisher's home, named with --home, or go on with it as a task of your"
              + " own: `skerry task fork`");
    }
    if (task.manifest().latentCodec().isPresent()
        || task.manifest().textEncoder().isPresent()
        || task.manifest().expertModel().classes() > 0) {
      throw new NodeException(
          Reason.USAGE,
          "task "
              + task.name()
              + " has a codec, captions or classes, which `extend` does not know yet",
          "make another task of the new images with `skerry task create`");
    }
  }
}
