package org.skerry.node.cli;

import java.util.ArrayList;
import java.util.List;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.ensemble.Inspection;
import org.skerry.node.ensemble.ModelCard;
import org.skerry.node.ensemble.ModelShelf;
import org.skerry.node.home.SkerryHome;
import org.skerry.transfer.store.BlobStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Hash the weights of a pulled ensemble again and check every signature, without a network.",
      "It shows that the bytes are the ones that were signed and measured; it cannot show that"
          + " weights are free of planted behaviour."
    },
    footer = {"", "Example:", "  skerry verify emoji"})
final class VerifyCommand implements CliAction {
  private final Session session;

  @Parameters(paramLabel = "MODEL", description = "the name of a pulled ensemble, or its note")
  String name = "";

  @Mixin JsonOption output = new JsonOption();

  VerifyCommand(Session session) {
    this.session = session;
  }

  @Override
  public void act() throws Exception {
    SkerryHome home = session.openHome("cli.log");
    ModelShelf.Model model = new ModelShelf(home).model(name);
    Inspection inspection = new Inspection(model.ensemble());
    List<Inspection.Finding> findings = new ArrayList<>(inspection.documents());
    try (BlobStore store = BlobStore.open(home.fetched())) {
      findings.addAll(inspection.weights(store::path));
    }
    if (output.json) {
      session.terminal().json(findings);
    } else {
      if (model.ensemble().unsigned()) {
        session.terminal().print(ModelCard.UNSIGNED_NOTICE);
      }
      findings.forEach(finding -> session.terminal().print(finding.line()));
    }
    long bad = findings.stream().filter(finding -> !finding.good()).count();
    if (bad > 0) {
      throw new NodeException(
          Reason.DATA_INVALID,
          bad + " of " + findings.size() + " checks of " + name + " failed",
          "pull it again with `skerry pull`");
    }
  }
}
