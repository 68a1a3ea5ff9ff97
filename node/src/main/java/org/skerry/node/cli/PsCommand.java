package org.skerry.node.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.skerry.node.NodeException;
import org.skerry.node.log.Logging;
import org.skerry.node.serve.RunningServers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "ps",
    mixinStandardHelpOptions = true,
    description = "List the running `skerry serve` of this home.",
    footer = {"", "Example:", "  skerry ps --json"})
final class PsCommand implements CliAction {
  private final Session session;

  @Mixin JsonOption output = new JsonOption();

  PsCommand(Session session) {
    this.session = session;
  }

  @Override
  public void act() throws NodeException {
    Logging.silence();
    Terminal terminal = session.terminal();
    List<RunningServers.Row> rows = new RunningServers(session.home()).rows(terminal::warn);
    if (output.json) {
      terminal.json(rows);
      return;
    }
    if (rows.isEmpty()) {
      terminal.say("Nothing is served; start with `skerry serve`.");
    }
    for (RunningServers.Row row : rows) {
      terminal.print(
          "%8d  %-28s %-34s %s"
              .formatted(
                  row.pid(),
                  row.address(),
                  doing(row.running(), row.queued()),
                  String.join(", ", row.models())));
    }
  }

  private static String doing(@Nullable Integer running, @Nullable Integer queued) {
    return running == null || queued == null
        ? "does not answer"
        : running + " running, " + queued + " queued";
  }
}
