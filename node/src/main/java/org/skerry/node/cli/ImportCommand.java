package org.skerry.node.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.skerry.node.ensemble.ModelCard;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.ensemble.folder.EnsembleImporter;
import org.skerry.node.home.SkerryHome;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = {
      "Take in an ensemble from a folder: one that `skerry export` wrote, or one in the layout that"
          + " Paris is published in.",
      "Signed documents in it are verified, and the weights hashed against them. Without documents"
          + " the ensemble is unsigned: nobody's word but the folder's says what it is.",
      "Nothing in the folder is executed."
    },
    footer = {
      "",
      "Examples:",
      "  skerry import emoji",
      "  skerry import downloads/paris --name paris"
    })
final class ImportCommand implements CliAction {
  private final Session session;

  @Parameters(paramLabel = "DIR", description = "the folder")
  Path folder = Path.of("");

  @Option(names = "--name", description = "what to call it here (default: its own name)")
  @Nullable String name;

  ImportCommand(Session session) {
    this.session = session;
  }

  @Override
  public void act() throws Exception {
    SkerryHome home = session.openHome("cli.log");
    Terminal terminal = session.terminal();
    EnsembleImporter.Imported imported =
        new EnsembleImporter(home, terminal::say).run(folder, Optional.ofNullable(name));
    PulledEnsemble ensemble = imported.ensemble();
    terminal.print(imported.name());
    terminal.say(
        "Imported %s: %d of %d experts%s, licence %s."
            .formatted(
                imported.name(),
                ensemble.experts().size(),
                ensemble.partitions(),
                ensemble.router() == null ? " and no router" : " and the router",
                ensemble.licence()));
    terminal.say(
        ensemble.unsigned()
            ? ModelCard.UNSIGNED_NOTICE + "."
            : "Published by " + ensemble.publisher() + "; every signature and every byte holds.");
    if (!ensemble.needsText()) {
      terminal.say("Next: skerry sample " + imported.name());
    } else if (ensemble.text() != null) {
      terminal.say("Next: skerry run %s \"what to make\"".formatted(imported.name()));
    }
  }
}
