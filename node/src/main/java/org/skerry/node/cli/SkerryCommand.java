package org.skerry.node.cli;

import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The top of the command tree. */
@Command(
    name = "skerry",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Train and run diffusion models together: every volunteer trains one expert on one part of"
          + " a dataset, alone; the experts meet when somebody samples from them.",
      ""
    },
    scope = ScopeType.LOCAL,
    commandListHeading = "%nCommands:%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:failed",
      "2:the command line makes no sense",
      "3:the configuration or the identity key is wrong",
      "4:no daemon runs, another one is in the way, or a port is taken",
      "5:no peer could be reached",
      "6:no such task, model or file",
      "7:it exists, but was not accepted by its evaluators",
      "8:input data is corrupt",
      "9:the disk is full or cannot be written",
      "130:interrupted"
    },
    footer = {
      "",
      "Examples:",
      "  skerry demo                       the whole story on this machine, in five minutes",
      "  skerry node run                   lend this computer to a task",
      "  skerry task create --images DIR   turn pictures into a task",
      "  skerry pull NAME && skerry run NAME",
      "",
      "`skerry COMMAND --help` explains each one."
    },
    subcommands = {
      DemoCommand.class,
      NodeCommand.class,
      TaskCommand.class,
      PullCommand.class,
      RunCommand.class,
      SampleCommand.class,
      ListCommand.class,
      ShowCommand.class,
      VerifyCommand.class,
      WhyCommand.class,
      RmCommand.class,
      ServeCommand.class,
      PsCommand.class,
      StopCommand.class,
      ExportCommand.class,
      ImportCommand.class,
      PeersCommand.class,
      KeysCommand.class,
      ConfigCommand.class,
      DoctorCommand.class,
      HelpCommand.class
    })
final class SkerryCommand implements Runnable {
  private final Session session;

  @Spec CommandSpec spec = CommandSpec.create();

  SkerryCommand(Session session) {
    this.session = session;
  }

  Session session() {
    return session;
  }

  @Option(
      names = "--home",
      scope = ScopeType.INHERIT,
      paramLabel = "DIR",
      description = "this node's folder (else SKERRY_HOME, else the XDG data folder)")
  void home(Path home) {
    session.nameHome(home);
  }

  @Override
  public void run() {
    spec.commandLine().usage(session.terminal().out());
  }
}
