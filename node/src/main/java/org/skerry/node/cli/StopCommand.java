package org.skerry.node.cli;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.skerry.node.NodeException;
import org.skerry.node.log.Logging;
import org.skerry.node.serve.RunningServers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "stop",
    mixinStandardHelpOptions = true,
    description = {
      "Stop a running `skerry serve` of this home. The request that runs may end first, for ten"
          + " seconds; those that wait are cancelled."
    },
    footer = {"", "Examples:", "  skerry stop", "  skerry stop 127.0.0.1:7860"})
final class StopCommand implements CliAction {
  private static final Duration PATIENCE = Duration.ofSeconds(45);

  private final Session session;

  @Parameters(
      paramLabel = "PID|ADDRESS",
      arity = "0..1",
      description = "which one, as `skerry ps` shows it (default: the only one)")
  @Nullable String which;

  StopCommand(Session session) {
    this.session = session;
  }

  @Override
  public void act() throws NodeException, InterruptedException {
    Logging.silence();
    String address = new RunningServers(session.home()).stop(Optional.ofNullable(which), PATIENCE);
    session.terminal().say("Stopped " + address + ".");
  }
}
