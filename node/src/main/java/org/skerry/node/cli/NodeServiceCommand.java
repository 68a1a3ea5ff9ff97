package org.skerry.node.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.home.AtomicFile;
import org.skerry.node.home.DiskTrouble;
import org.skerry.node.home.SkerryHome;
import org.skerry.node.log.Logging;
import org.skerry.node.service.SystemdUnit;
import org.skerry.trainer.worker.WorkerLaunch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "service",
    description = "Let the system start the node, through systemd.",
    mixinStandardHelpOptions = true,
    subcommands = {NodeServiceCommand.Install.class, NodeServiceCommand.Uninstall.class})
final class NodeServiceCommand extends Group {
  NodeServiceCommand(Session session) {
    super(session);
  }

  /** What both commands know. */
  private abstract static class Order implements CliAction {
    private static final long SYSTEMCTL_SECONDS = 120;

    /** Where the launcher says the program lies. */
    private static final String INSTALLATION = "skerry.installation";

    final Session session;

    @Option(
        names = "--system",
        description = "a service of the system, for which this is run as root; else one of yours")
    boolean system;

    Order(Session session) {
      this.session = session;
    }

    final Path file() {
      if (system) {
        return Path.of("/etc/systemd/system", SystemdUnit.NAME);
      }
      String config = session.environment().getOrDefault("XDG_CONFIG_HOME", "");
      Path folder =
          config.isBlank()
              ? Path.of(System.getProperty("user.home")).resolve(".config")
              : Path.of(config);
      return folder.resolve("systemd/user").resolve(SystemdUnit.NAME);
    }

    /** Runs {@code systemctl} and throws what it says when it fails. */
    final void systemctl(String... arguments) throws NodeException, InterruptedException {
      List<String> command = new ArrayList<>(List.of("systemctl"));
      if (!system) {
        command.add("--user");
      }
      command.addAll(List.of(arguments));
      String line = String.join(" ", command);
      try {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(SYSTEMCTL_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
          process.destroyForcibly();
          throw new NodeException(
              Reason.FAILED,
              "`" + line + "` fails: " + said.lines().findFirst().orElse("it says nothing"),
              "the unit is " + file() + "; run that command where systemd is to be reached");
        }
      } catch (IOException e) {
        throw new NodeException(
            Reason.FAILED,
            "there is no systemctl to run `" + line + "`",
            "without systemd, let `skerry node start` be run when the computer starts",
            e);
      }
    }

    final Path skerry() throws NodeException {
      String installation = System.getProperty(INSTALLATION, "");
      Path command = Path.of(installation, "skerry").toAbsolutePath();
      if (installation.isEmpty() || !Files.isExecutable(command)) {
        throw new NodeException(
            Reason.FAILED, "it is not known where skerry lies", "run the `skerry` command itself");
      }
      return command;
    }
  }

  @Command(
      name = "install",
      mixinStandardHelpOptions = true,
      description = {
        "Write a systemd unit for this home, enable it, and start it. Settings belong into"
            + " config.toml; SKERRY_* variables and those that say where libraries are, as they"
            + " are now, go into the unit."
      },
      footer = {
        "",
        "Examples:",
        "  skerry node service install",
        "  sudo skerry --home /var/lib/skerry node service install --system --user skerry"
      })
  static final class Install extends Order {
    /** They own the devices of GPUs. */
    private static final List<String> GPU_GROUPS = List.of("render", "video");

    @Option(
        names = "--user",
        paramLabel = "NAME",
        description = "with --system: whom the service runs as")
    @Nullable String user;

    @Option(names = "--print", description = "print the unit, and change nothing")
    boolean print;

    Install(Session session) {
      super(session);
    }

    @Override
    public void act() throws NodeException, InterruptedException {
      Logging.silence();
      if (system != (user != null)) {
        throw new NodeException(
            Reason.USAGE,
            "--system and --user NAME go together",
            "name the user that the service runs as, or leave out both");
      }
      SkerryHome home = session.home();
      String text =
          new SystemdUnit(skerry(), home.root(), kept(), Optional.ofNullable(user), groups())
              .text();
      if (print) {
        session.terminal().print(text.stripTrailing());
        return;
      }
      home.create();
      try {
        AtomicFile.write(file(), text.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw DiskTrouble.cannotWrite(file(), e);
      }
      session.terminal().say("Wrote " + file() + ".");
      systemctl("daemon-reload");
      systemctl("enable", "--now", SystemdUnit.NAME);
      session.terminal().say("The node runs, and starts again with the computer.");
      if (!system) {
        session
            .terminal()
            .say("It ends when you log out, unless you allow it: `loginctl enable-linger`.");
      }
    }

    private Map<String, String> kept() {
      Map<String, String> kept = new TreeMap<>();
      session
          .environment()
          .forEach((name, value) -> {
            boolean setting = name.startsWith("SKERRY_") && !name.equals("SKERRY_HOME");
            if (setting || name.equals("JAVA_HOME") || WorkerLaunch.INHERITED.contains(name)) {
              kept.put(name, value);
            }
          });
      return kept;
    }

    private static List<String> groups() {
      try (Stream<String> lines = Files.lines(Path.of("/etc/group"))) {
        List<String> there = lines.map(line -> line.split(":", 2)[0]).toList();
        return GPU_GROUPS.stream().filter(there::contains).toList();
      } catch (IOException e) {
        return List.of(); // a system without such a file has other ways
      }
    }
  }

  @Command(
      name = "uninstall",
      mixinStandardHelpOptions = true,
      description = "Stop the service and remove its unit; the home stays as it is.",
      footer = {"", "Example:", "  skerry node service uninstall"})
  static final class Uninstall extends Order {
    Uninstall(Session session) {
      super(session);
    }

    @Override
    public void act() throws NodeException, InterruptedException {
      Logging.silence();
      if (!Files.exists(file())) {
        throw new NodeException(
            Reason.NOT_FOUND,
            "there is no " + file(),
            system ? "leave out --system if the service is yours" : "add --system if it is there");
      }
      systemctl("disable", "--now", SystemdUnit.NAME);
      try {
        Files.delete(file());
      } catch (IOException e) {
        throw DiskTrouble.cannotWrite(file(), e);
      }
      systemctl("daemon-reload");
      session
          .terminal()
          .say("The service is gone. Your key and data stay in " + session.home().root() + ".");
    }
  }
}
