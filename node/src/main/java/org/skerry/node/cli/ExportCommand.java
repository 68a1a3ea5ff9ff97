package org.skerry.node.cli;

import java.nio.file.Path;
import org.skerry.node.ensemble.ModelShelf;
import org.skerry.node.ensemble.folder.EnsembleExporter;
import org.skerry.node.home.SkerryHome;
import org.skerry.transfer.store.BlobStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Write an ensemble as a folder in the layout of Hugging Face, with a model card and with the"
          + " signed documents, so that it can be checked wherever it is imported.",
      "The folder is there whole or not at all."
    },
    footer = {
      "",
      "Examples:",
      "  skerry export emoji --out emoji",
      "  skerry export emoji --out emoji --force    replace an older export"
    })
final class ExportCommand implements CliAction {
  private final Session session;

  @Parameters(paramLabel = "MODEL", description = "the name of an ensemble, or its note")
  String name = "";

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "where to")
  Path out = Path.of("");

  @Option(names = "--force", description = "replace an older export that is there")
  boolean force;

  ExportCommand(Session session) {
    this.session = session;
  }

  @Override
  public void act() throws Exception {
    SkerryHome home = session.openHome("cli.log");
    ModelShelf.Model model = new ModelShelf(home).model(name);
    try (BlobStore store = BlobStore.open(home.fetched())) {
      new EnsembleExporter(store::path).export(model.ensemble(), out, force);
    }
    session.terminal().print(out.toString());
    session.terminal().say("Exported " + name + "; take it in elsewhere with `skerry import`.");
  }
}
