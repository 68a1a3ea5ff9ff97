package org.skerry.node.cli;

import java.util.List;
import org.skerry.node.NodeException;
import org.skerry.node.ensemble.ModelShelf;
import org.skerry.node.ensemble.PulledEnsemble;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "List the ensembles that were pulled to this computer.",
    footer = {"", "Example:", "  skerry list --json"})
final class ListCommand implements CliAction {
  private final Session session;

  @Mixin JsonOption output = new JsonOption();

  ListCommand(Session session) {
    this.session = session;
  }

  @Override
  public void act() throws NodeException {
    Terminal terminal = session.terminal();
    List<ModelShelf.Model> models = new ModelShelf(session.home()).models(terminal::warn);
    if (output.json) {
      terminal.json(models.stream().map(ListCommand::row).toList());
      return;
    }
    if (models.isEmpty()) {
      terminal.say("No ensemble was pulled yet; get one with `skerry pull NAME`.");
    }
    for (ModelShelf.Model model : models) {
      PulledEnsemble ensemble = model.ensemble();
      terminal.print(
          "%-20s %2d of %2d experts%-12s  %3d × %-3d  %-24s %s"
              .formatted(
                  model.name(),
                  ensemble.experts().size(),
                  ensemble.partitions(),
                  ensemble.routerIfPresent().isPresent() ? "" : ", no router",
                  ensemble.imageSize(),
                  ensemble.imageSize(),
                  ensemble.unsigned() ? "unsigned" : ensemble.licence(),
                  ensemble.description()));
    }
  }

  /** A line as a program reads it. */
  record Row(String name, String task, int experts, int partitions, boolean router, String note) {}

  private static Row row(ModelShelf.Model model) {
    PulledEnsemble ensemble = model.ensemble();
    return new Row(
        model.name(),
        ensemble.task(),
        ensemble.experts().size(),
        ensemble.partitions(),
        ensemble.routerIfPresent().isPresent(),
        model.note().toString());
  }
}
