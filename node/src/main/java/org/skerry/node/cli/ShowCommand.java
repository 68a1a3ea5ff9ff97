package org.skerry.node.cli;

import java.io.IOException;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.ensemble.ModelCard;
import org.skerry.node.ensemble.ModelShelf;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description =
        "Show what a pulled ensemble is: who trained which part, on how much, with which losses,"
            + " measured by whom, under which licence.",
    footer = {"", "Example:", "  skerry show emoji"})
final class ShowCommand implements CliAction {
  private final Session session;

  @Parameters(paramLabel = "MODEL", description = "the name of a pulled ensemble, or its note")
  String name = "";

  @Mixin JsonOption output = new JsonOption();

  ShowCommand(Session session) {
    this.session = session;
  }

  @Override
  public void act() throws NodeException {
    ModelShelf.Model model = new ModelShelf(session.home()).model(name);
    try {
      ModelCard card = ModelCard.of(model.ensemble());
      if (output.json) {
        session.terminal().json(card);
      } else {
        card.lines().forEach(session.terminal()::print);
      }
    } catch (IOException e) {
      throw new NodeException(
          Reason.DATA_INVALID,
          "ensemble " + name + " cannot be shown: " + e.getMessage(),
          "pull it again with `skerry pull`",
          e);
    }
  }
}
