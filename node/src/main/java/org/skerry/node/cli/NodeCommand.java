package org.skerry.node.cli;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.skerry.node.NodeException;
import org.skerry.node.control.ControlClient;
import org.skerry.node.control.NodeStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "node",
    description = "Run this computer as a node, and steer it.",
    mixinStandardHelpOptions = true,
    subcommands = {
      NodeRunCommand.class,
      NodeStartCommand.class,
      NodeCommand.Status.class,
      NodeCommand.Pause.class,
      NodeCommand.Resume.class,
      NodeCommand.Finish.class,
      NodeCommand.Stop.class,
      NodeLogsCommand.class,
      NodeServiceCommand.class
    })
final class NodeCommand extends Group {
  NodeCommand(Session session) {
    super(session);
  }

  /** Tells the running daemon something. */
  private abstract static class Order implements CliAction {
    final Session session;

    Order(Session session) {
      this.session = session;
    }

    abstract void give(ControlClient daemon) throws NodeException;

    @Override
    public final void act() throws NodeException {
      try (ControlClient daemon = session.daemon()) {
        give(daemon);
      }
    }
  }

  @Command(
      name = "status",
      mixinStandardHelpOptions = true,
      description = "Say what the daemon does, and whether stopping it now loses work.",
      footer = {"", "Example:", "  skerry node status --json"})
  static final class Status extends Order {
    @Mixin JsonOption output = new JsonOption();

    Status(Session session) {
      super(session);
    }

    @Override
    void give(ControlClient daemon) throws NodeException {
      NodeStatus status = daemon.status();
      if (output.json) {
        session.terminal().json(status);
      } else {
        StatusText.lines(status).forEach(session.terminal()::print);
      }
    }
  }

  @Command(
      name = "pause",
      mixinStandardHelpOptions = true,
      description = {
        "Checkpoint and rest until `skerry node resume`, or for a while; the node goes on serving."
            + " A pause outlives a restart of the daemon."
      },
      footer = {"", "Examples:", "  skerry node pause", "  skerry node pause --for 2h"})
  static final class Pause extends Order {
    @Option(
        names = "--for",
        paramLabel = "TIME",
        converter = TimeSpan.class,
        description = "for how long, such as 30m, 2h or 1d12h")
    @Nullable Duration time;

    Pause(Session session) {
      super(session);
    }

    @Override
    void give(ControlClient daemon) throws NodeException {
      NodeStatus status = daemon.pause(Optional.ofNullable(time));
      session.terminal().say("Paused: " + status.doing() + ".");
    }
  }

  @Command(
      name = "resume",
      mixinStandardHelpOptions = true,
      description = "Go on after `skerry node pause`.")
  static final class Resume extends Order {
    Resume(Session session) {
      super(session);
    }

    @Override
    void give(ControlClient daemon) throws NodeException {
      NodeStatus status = daemon.resume();
      session
          .terminal()
          .say(
              status.paused()
                  ? "Your pause is over, but: " + status.doing() + "."
                  : "Resumed: " + status.doing() + ".");
    }
  }

  @Command(
      name = "finish",
      mixinStandardHelpOptions = true,
      description = {
        "End the daemon when the unit in training is finished and its weights are accepted; begin"
            + " nothing new."
      },
      footer = {"", "Examples:", "  skerry node finish", "  skerry node finish --within 2h"})
  static final class Finish extends Order {
    @Option(
        names = "--within",
        paramLabel = "TIME",
        converter = TimeSpan.class,
        description = "hand the unit to others after so long, such as 30m or 2h")
    @Nullable Duration time;

    Finish(Session session) {
      super(session);
    }

    @Override
    void give(ControlClient daemon) throws NodeException {
      NodeStatus status = daemon.finish(Optional.ofNullable(time));
      session.terminal().say("Finishing: " + status.doing() + ".");
    }
  }

  @Command(
      name = "stop",
      mixinStandardHelpOptions = true,
      description = "Checkpoint, leave the network and end the daemon.")
  static final class Stop extends Order {
    Stop(Session session) {
      super(session);
    }

    @Override
    void give(ControlClient daemon) throws NodeException {
      daemon.stop();
      session.terminal().say("The daemon is stopping.");
    }
  }
}
