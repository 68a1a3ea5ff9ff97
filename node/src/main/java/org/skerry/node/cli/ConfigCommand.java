package org.skerry.node.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.config.ConfigLoader;
import org.skerry.node.config.Mistake;
import org.skerry.node.log.Logging;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "config",
    description = "Check the configuration.",
    mixinStandardHelpOptions = true,
    subcommands = ConfigCommand.Validate.class)
final class ConfigCommand extends Group {
  ConfigCommand(Session session) {
    super(session);
  }

  @Command(
      name = "validate",
      mixinStandardHelpOptions = true,
      description = "List every mistake in config.toml, its network file and SKERRY_* variables.",
      footer = {"", "Example:", "  skerry config validate ~/new-config.toml"})
  static final class Validate implements CliAction {
    private final Session session;

    @Mixin JsonOption output = new JsonOption();

    @Parameters(
        arity = "0..1",
        paramLabel = "FILE",
        description = "the file to check (else config.toml of the home)")
    @Nullable Path file;

    Validate(Session session) {
      this.session = session;
    }

    @Override
    public void act() throws NodeException {
      Logging.silence();
      Path checked = file == null ? session.home().config() : file;
      if (file != null && !Files.exists(file)) {
        throw new NodeException(Reason.NOT_FOUND, file + " does not exist", "name another file");
      }
      List<Mistake> mistakes = ConfigLoader.check(checked, session.environment()).mistakes();
      if (output.json) {
        session.terminal().json(Map.of("file", checked.toString(), "mistakes", mistakes));
      } else {
        mistakes.forEach(mistake -> session.terminal().print(mistake.toString()));
      }
      if (!mistakes.isEmpty()) {
        throw new NodeException(
            Reason.CONFIG_INVALID,
            mistakes.size() == 1
                ? "there is 1 mistake"
                : "there are " + mistakes.size() + " mistakes",
            "correct the lines above");
      }
      session
          .terminal()
          .say(
              Files.exists(checked)
                  ? checked + " is valid."
                  : "There is no " + checked + ": the defaults hold.");
    }
  }
}
