package org.skerry.node.cli;

import org.skerry.node.NodeException;
import org.skerry.node.control.ControlClient;
import org.skerry.node.control.NodeStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "node",
    description = "Run this computer as a node, and steer it.",
    mixinStandardHelpOptions = true,
    subcommands = {
      NodeRunCommand.class,
      NodeCommand.Status.class,
      NodeCommand.Pause.class,
      NodeCommand.Resume.class,
      NodeCommand.Stop.class
    })
final class NodeCommand extends Group {
  NodeCommand(Session session) {
    super(session);
  }

  @Command(
      name = "status",
      mixinStandardHelpOptions = true,
      description = "Say what the daemon does, and whether stopping it now loses work.",
      footer = {"", "Example:", "  skerry node status --json"})
  static final class Status implements CliAction {
    private final Session session;

    @Mixin JsonOption output = new JsonOption();

    Status(Session session) {
      this.session = session;
    }

    @Override
    public void act() throws NodeException {
      try (ControlClient daemon = session.daemon()) {
        NodeStatus status = daemon.status();
        if (output.json) {
          session.terminal().json(status);
        } else {
          StatusText.lines(status).forEach(session.terminal()::print);
        }
      }
    }
  }

  @Command(
      name = "pause",
      mixinStandardHelpOptions = true,
      description = "Checkpoint and rest until `skerry node resume`; the node goes on serving.")
  static final class Pause implements CliAction {
    private final Session session;

    Pause(Session session) {
      this.session = session;
    }

    @Override
    public void act() throws NodeException {
      try (ControlClient daemon = session.daemon()) {
        session.terminal().say("Paused: " + daemon.pause().doing());
      }
    }
  }

  @Command(
      name = "resume",
      mixinStandardHelpOptions = true,
      description = "Go on after `skerry node pause`.")
  static final class Resume implements CliAction {
    private final Session session;

    Resume(Session session) {
      this.session = session;
    }

    @Override
    public void act() throws NodeException {
      try (ControlClient daemon = session.daemon()) {
        session.terminal().say("Resumed: " + daemon.resume().doing());
      }
    }
  }

  @Command(
      name = "stop",
      mixinStandardHelpOptions = true,
      description = "Checkpoint, leave the network and end the daemon.")
  static final class Stop implements CliAction {
    private final Session session;

    Stop(Session session) {
      this.session = session;
    }

    @Override
    public void act() throws NodeException {
      try (ControlClient daemon = session.daemon()) {
        daemon.stop();
        session.terminal().say("The daemon is stopping.");
      }
    }
  }
}
