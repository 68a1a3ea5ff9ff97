package org.skerry.node.cli;

import java.nio.file.Path;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.skerry.libp2p.PeerId;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.control.ControlClient;
import org.skerry.node.control.TaskStatus;
import org.skerry.node.home.IdentityFile;
import org.skerry.node.home.SkerryHome;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "task",
    description = "Turn images into a task, publish it, and watch it train.",
    mixinStandardHelpOptions = true,
    subcommands = {
      TaskCreateCommand.class,
      TaskExtendCommand.class,
      TaskForkCommand.class,
      TaskWebFolderCommand.class,
      TaskCommand.Publish.class,
      TaskCommand.ListTasks.class,
      TaskCommand.Show.class,
      TaskCommand.Watch.class,
      TaskCommand.Withdraw.class
    })
final class TaskCommand extends Group {
  TaskCommand(Session session) {
    super(session);
  }

  @Command(
      name = "publish",
      mixinStandardHelpOptions = true,
      description = "Let the running daemon announce and serve a task from now on.",
      footer = {"", "Example:", "  skerry task publish emoji.task"})
  static final class Publish implements CliAction {
    private final Session session;

    @Mixin JsonOption output = new JsonOption();

    @Parameters(paramLabel = "DIR", description = "a folder that `skerry task create` wrote")
    Path folder = Path.of(".");

    Publish(Session session) {
      this.session = session;
    }

    private boolean hasNoRecoveryKey() throws NodeException {
      SkerryHome home = session.home();
      PeerId self = PeerId.of(IdentityFile.load(home.identityKey()).publicKey());
      return new KeyDesk(session, home, new NetworkOptions()).known(self).recoveries().isEmpty();
    }

    @Override
    public void act() throws NodeException {
      try (ControlClient daemon = session.daemon()) {
        TaskStatus task = daemon.publish(folder);
        if (output.json) {
          session.terminal().json(task);
        } else {
          session.terminal().print(task.publisher() + "/" + task.name());
          session.terminal().say("Published as task " + task.task() + ".");
          if (hasNoRecoveryKey()) {
            session
                .terminal()
                .warn(
                    "this node's key names no recovery key: who steals it can keep it; see"
                        + " `skerry keys recovery --help`");
          }
        }
      }
    }
  }

  /** The tasks that the daemon knows, all or one. */
  private abstract static class Reading implements CliAction {
    final Session session;

    @Mixin JsonOption output = new JsonOption();

    Reading(Session session) {
      this.session = session;
    }

    List<TaskStatus> tasks() throws NodeException {
      try (ControlClient daemon = session.daemon()) {
        return daemon.tasks();
      }
    }

    TaskStatus task(String name) throws NodeException {
      for (TaskStatus task : tasks()) {
        if (task.name().equals(name) || task.task().equals(name)) {
          return task;
        }
      }
      throw new NodeException(
          Reason.NOT_FOUND,
          "the daemon knows no task '" + name + "'",
          "`skerry task list` shows those in the catalogs of the allowed publishers");
    }
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "List the tasks of the allowed publishers and of this node.",
      footer = {"", "Example:", "  skerry task list --json"})
  static final class ListTasks extends Reading {
    ListTasks(Session session) {
      super(session);
    }

    @Override
    public void act() throws NodeException {
      List<TaskStatus> tasks = tasks();
      if (output.json) {
        session.terminal().json(tasks);
        return;
      }
      if (tasks.isEmpty()) {
        session.terminal().say("No task is in reach; allow a publisher under [network].");
      }
      tasks.forEach(task -> session.terminal().print(TaskText.line(task)));
    }
  }

  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Show a task's units: who works on them, and how good they are.",
      footer = {"", "Example:", "  skerry task show emoji"})
  static final class Show extends Reading {
    @Parameters(paramLabel = "TASK", description = "its name or id")
    String name = "";

    Show(Session session) {
      super(session);
    }

    @Override
    public void act() throws NodeException {
      TaskStatus task = task(name);
      if (output.json) {
        session.terminal().json(task);
      } else {
        TaskText.lines(task).forEach(session.terminal()::print);
      }
    }
  }

  @Command(
      name = "watch",
      mixinStandardHelpOptions = true,
      description = {
        "Follow a task live: who works on what and how far it is, which leases are at risk, what",
        "evaluators accept. Ends when every unit has accepted weights, unless told to stay."
      },
      footer = {
        "",
        "Peers are told by the end of their ids; --json prints a whole status a line.",
        "",
        "Examples:",
        "  skerry task watch emoji",
        "  skerry task watch emoji --stay --json | jq '.units[].leases'"
      })
  static final class Watch extends Reading {
    private static final long POLL_MS = 2_000;
    private static final long SUMMARY_MS = 60_000;

    @Option(names = "--stay", description = "go on until interrupted")
    boolean stay;

    @Parameters(paramLabel = "TASK", description = "its name or id")
    String name = "";

    Watch(Session session) {
      super(session);
    }

    @Override
    public void act() throws Exception {
      TaskStatus task = task(name);
      show(task, TaskNews.overview(task));
      long summedUpAt = System.nanoTime();
      while (stay || !task.units().stream().allMatch(unit -> unit.accepted() > 0)) {
        Thread.sleep(POLL_MS);
        TaskStatus before = task;
        task = task(name);
        List<String> news = new ArrayList<>(TaskNews.since(before, task));
        if (System.nanoTime() - summedUpAt > SUMMARY_MS * 1_000_000) {
          news.add(TaskNews.summary(task));
          summedUpAt = System.nanoTime();
        }
        show(task, news);
      }
      session.terminal().say("Every unit has accepted weights: skerry pull " + task.name());
    }

    private void show(TaskStatus task, List<String> news) {
      if (output.json) {
        if (!news.isEmpty()) {
          session.terminal().jsonLine(task);
        }
        return;
      }
      String time = LocalTime.now().format(DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT));
      news.forEach(line -> session.terminal().print(time + "  " + line));
    }
  }

  @Command(
      name = "withdraw",
      mixinStandardHelpOptions = true,
      description = "Take a task of this node back: peers stop working on it and serving it.",
      footer = {"", "Example:", "  skerry task withdraw emoji"})
  static final class Withdraw implements CliAction {
    private final Session session;

    @Parameters(paramLabel = "TASK", description = "its name or id")
    String name = "";

    Withdraw(Session session) {
      this.session = session;
    }

    @Override
    public void act() throws NodeException {
      try (ControlClient daemon = session.daemon()) {
        daemon.withdraw(name);
        session.terminal().say("Withdrawn: " + name);
      }
    }
  }
}
