package org.skerry.node.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.daemon.PeerStack;
import org.skerry.node.ensemble.Inspection;
import org.skerry.node.ensemble.ModelCard;
import org.skerry.node.ensemble.ModelShelf;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.home.DiskTrouble;
import org.skerry.node.home.SkerryHome;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.TransferException;
import org.skerry.transfer.store.BlobStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Hash the weights of a pulled ensemble again and check every signature, without a network"
          + " unless --repair is given.",
      "It shows that the bytes are the ones that were signed and measured; it cannot show that"
          + " weights are free of planted behaviour."
    },
    footer = {"", "Examples:", "  skerry verify emoji", "  skerry verify emoji --repair"})
final class VerifyCommand implements CliAction {
  private final Session session;

  @Parameters(paramLabel = "MODEL", description = "the name of a pulled ensemble, or its note")
  String name = "";

  @Option(names = "--repair", description = "fetch again what is damaged or missing, and only that")
  boolean repair;

  @Mixin NetworkOptions network = new NetworkOptions();
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
    List<Inspection.Finding> weights = weights(home, inspection);
    if (repair && !weights.stream().allMatch(Inspection.Finding::good)) {
      repair(home, bad(model.ensemble(), weights));
      weights = weights(home, inspection);
    }
    findings.addAll(weights);
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
          repair ? "pull it again with `skerry pull`" : "run the command again with --repair");
    }
  }

  private static List<Inspection.Finding> weights(SkerryHome home, Inspection inspection)
      throws IOException {
    try (BlobStore store = BlobStore.open(home.fetched())) {
      return inspection.weights(store::path);
    }
  }

  private static List<BlobId> bad(PulledEnsemble ensemble, List<Inspection.Finding> weights) {
    return IntStream.range(0, weights.size())
        .filter(i -> !weights.get(i).good())
        .mapToObj(i -> BlobId.parse(ensemble.blobs().get(i)))
        .toList();
  }

  private void repair(SkerryHome home, List<BlobId> blobs) throws Exception {
    try (PeerStack stack = Consumer.join(home, network.config(session), session.terminal());
        ShownFetches fetches = new ShownFetches(session.terminal(), stack.blobs(), false)) {
      for (BlobId blob : blobs) {
        fetches.fetch(blob, "blob " + blob);
      }
    } catch (TransferException e) {
      throw new NodeException(
          Reason.UNREACHABLE,
          "weights of " + name + " cannot be fetched (" + DiskTrouble.describe(e) + ")",
          "run the command again when more peers are online: what has come is kept",
          e);
    }
  }
}
