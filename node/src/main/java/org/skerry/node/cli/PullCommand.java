package org.skerry.node.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.skerry.board.BoardException;
import org.skerry.board.document.Lineage;
import org.skerry.board.document.Precision;
import org.skerry.board.document.Task;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.config.NodeConfig;
import org.skerry.node.daemon.PeerStack;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.ensemble.Puller;
import org.skerry.node.ensemble.TaskName;
import org.skerry.node.home.DiskTrouble;
import org.skerry.node.home.SkerryHome;
import org.skerry.transfer.TransferException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "pull",
    mixinStandardHelpOptions = true,
    description = {
      "Fetch the best accepted expert of every partition and the router of a task.",
      "Skerry promises that the bytes are the signed ones and that the task's evaluators measured"
          + " them; it does not promise that weights are free of planted behaviour."
    },
    footer = {
      "",
      "Examples:",
      "  skerry pull emoji                   a name in an allowed publisher's catalog",
      "  skerry pull 12D3Koo…/emoji          a name in anybody's catalog",
      "  skerry pull bafy…                   a task by its id"
    })
final class PullCommand implements CliAction {
  private final Session session;

  @Parameters(paramLabel = "NAME", description = "NAME, PUBLISHER/NAME, or a task id")
  String name = "";

  @Mixin NetworkOptions network = new NetworkOptions();
  @Mixin JsonOption output = new JsonOption();

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "the note to write (else models/NAME)")
  @Nullable Path out;

  @Option(
      names = "--allow-unattested",
      description = "also take weights that no evaluator has accepted yet")
  boolean unattested;

  @Option(
      names = "--precision",
      paramLabel = "FORMAT",
      description =
          "of the weights: float32, or bfloat16, which is half the size (default: float32)")
  Precision precision = Precision.FLOAT32;

  @Option(
      names = "--progress-json",
      description = "print each transfer's progress as a line of JSON, some five times a second")
  boolean progressJson;

  PullCommand(Session session) {
    this.session = session;
  }

  @Override
  public void act() throws Exception {
    SkerryHome home = session.openHome("cli.log");
    NodeConfig config = network.config(session);
    Terminal terminal = session.terminal();
    if (precision == Precision.FLOAT16) {
      throw new NodeException(
          Reason.USAGE, "no weights are published in float16", "use --precision bfloat16");
    }
    if (unattested) {
      terminal.warn("weights that nobody measured may be noise, or worse");
    }
    try (PeerStack stack = Consumer.join(home, config, terminal);
        ShownFetches watcher = new ShownFetches(terminal, stack.blobs(), progressJson)) {
      Puller puller =
          new Puller(stack.boards(), watcher, config.publishers(), stack.refusals(), terminal::say);
      Task task = puller.resolve(TaskName.parse(name));
      PulledEnsemble pulled =
          puller.pull(task, new Puller.Wish(unattested, precision == Precision.BFLOAT16));
      Path note = out == null ? home.model(task.name()) : out;
      requireNoStepBack(note, pulled, stack.boards().lineage(task));
      pulled.write(note);
      if (output.json) {
        terminal.json(pulled);
      }
      terminal.say(
          "Pulled %s: %d of %d experts%s; next: skerry run %s"
              .formatted(
                  pulled.name(),
                  pulled.experts().size(),
                  pulled.partitions(),
                  pulled.router() == null ? " and no router" : " and the router",
                  pulled.name()));
      terminal.say("Published by " + pulled.publisher() + ", licence " + pulled.licence() + ".");
    } catch (BoardException e) {
      throw refusal(e);
    } catch (TransferException e) {
      if (e.reason() == TransferException.Reason.QUOTA_SPENT) {
        throw new NodeException(
            Reason.FAILED,
            "weights of " + name + ": " + e.getMessage(),
            "the quota is limits.download-per-day or limits.download-per-month",
            e);
      }
      throw new NodeException(
          e.reason() == TransferException.Reason.DISK_FULL ? Reason.DISK : Reason.UNREACHABLE,
          "weights of " + name + " cannot be fetched (" + DiskTrouble.describe(e) + ")",
          "run the command again: what has come is kept",
          e);
    }
  }

  /** Why a name, or a task, is not to be had. */
  static NodeException refusal(BoardException e) {
    String said = String.valueOf(e.getMessage());
    return switch (e.refusal()) {
      case KEY_REVOKED, KEY_DISPUTED, NOT_THE_PUBLISHER -> {
        String[] words = said.split("[;:] (?=ask|name)", 2);
        yield new NodeException(
            Reason.NOT_ACCEPTED, words[0], words.length > 1 ? words[1] : "ask its publisher", e);
      }
      case NOT_FOUND ->
          new NodeException(
              Reason.NOT_FOUND, said, "check the name, and that its publisher is online", e);
      default ->
          new NodeException(
              Reason.UNREACHABLE, said, "check the name, and that its publisher is online", e);
    };
  }

  /** Who holds a new router's board back must not bring the old version back. */
  private static void requireNoStepBack(Path note, PulledEnsemble pulled, Lineage lineage)
      throws NodeException {
    if (!Files.exists(note)) {
      return;
    }
    List<String> versions = lineage.versions().stream().map(task -> task.id().toString()).toList();
    try {
      PulledEnsemble present = PulledEnsemble.read(note);
      int here = versions.indexOf(present.task());
      boolean newer = here >= 0 && here < versions.indexOf(pulled.task());
      if (newer && present.routerIfPresent().isPresent()) {
        throw new NodeException(
            Reason.NOT_ACCEPTED,
            "all that can be had of " + pulled.name() + " is a version before the one that is here",
            "pull again when more peers are reachable; what is here is kept");
      }
    } catch (IOException e) {
      return; // a damaged note is replaced by any
    }
  }
}
