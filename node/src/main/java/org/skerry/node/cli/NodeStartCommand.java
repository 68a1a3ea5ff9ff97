package org.skerry.node.cli;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.control.ControlClient;
import org.skerry.node.control.NodeStatus;
import org.skerry.node.home.SkerryHome;
import org.skerry.node.log.Logging;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "start",
    mixinStandardHelpOptions = true,
    description = {
      "Run the node in the background, and return when it is up. It goes on when you close the"
          + " terminal or log out, and ends with `skerry node stop`, or with the computer."
    },
    footer = {
      "",
      "Examples:",
      "  skerry node start",
      "  skerry node start -- --network ~/lab.toml     options of `skerry node run` follow --"
    })
final class NodeStartCommand implements CliAction {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long LOOK_MS = 100;
  private static final int LINES_OF_FAILURE = 5;

  /** Gives the daemon a session of its own, which no terminal ends. */
  private static final Path SETSID = Path.of("/usr/bin/setsid");

  private final Session session;

  @Parameters(
      arity = "0..*",
      paramLabel = "OPTION",
      description = "behind --: options for `skerry node run`")
  List<String> options = new ArrayList<>();

  NodeStartCommand(Session session) {
    this.session = session;
  }

  @Override
  public void act() throws Exception {
    SkerryHome home = session.home();
    home.create();
    Logging.silence();
    Optional<NodeStatus> running = status(home);
    if (running.isPresent()) {
      session
          .terminal()
          .say("A daemon runs on " + home.root() + " already: " + running.get().doing() + ".");
      return;
    }
    File output = home.logs().resolve("terminal.log").toFile();
    Process process =
        new ProcessBuilder(command(home))
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
            .redirectErrorStream(true)
            .redirectOutput(output)
            .start();
    NodeStatus status = await(home, process, output.toPath());
    session
        .terminal()
        .say(
            "The node runs in the background (process %d): %s."
                .formatted(status.process(), status.doing()));
    session
        .terminal()
        .say("`skerry node status` says what it does, `skerry node logs` what it did.");
  }

  private List<String> command(SkerryHome home) {
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(SETSID)) {
      command.add(SETSID.toString());
    }
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "--home",
            home.root().toString(),
            "node",
            "run"));
    command.addAll(options);
    return command;
  }

  private static NodeStatus await(SkerryHome home, Process process, Path output)
      throws NodeException, IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      if (process.waitFor(LOOK_MS, TimeUnit.MILLISECONDS)) {
        List<String> said = Files.readAllLines(output);
        throw new NodeException(
            Reason.FAILED,
            "the daemon ended at once, saying: "
                + String.join(
                    " / ", said.subList(Math.max(0, said.size() - LINES_OF_FAILURE), said.size())),
            "`skerry node run` shows all of it");
      }
      Optional<NodeStatus> status = status(home);
      if (status.isPresent()) {
        return status.get();
      }
    }
    throw new NodeException(
        Reason.FAILED,
        "the daemon is not up after " + PATIENCE.toSeconds() + " s",
        "see `skerry node logs`; its process is " + process.pid());
  }

  /** What the home's daemon says, if one answers. */
  private static Optional<NodeStatus> status(SkerryHome home) {
    try (ControlClient daemon = ControlClient.open(home)) {
      return Optional.of(daemon.status());
    } catch (NodeException e) {
      return Optional.empty(); // not yet
    }
  }
}
