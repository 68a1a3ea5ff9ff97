package org.skerry.node.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Set;
import org.skerry.node.config.ByteSize;
import org.skerry.node.ensemble.ModelShelf;
import org.skerry.node.home.DiskTrouble;
import org.skerry.node.home.SkerryHome;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.store.BlobStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "rm",
    mixinStandardHelpOptions = true,
    description = "Delete a pulled ensemble, and weights that no other one uses.",
    footer = {"", "Example:", "  skerry rm emoji"})
final class RmCommand implements CliAction {
  private final Session session;

  @Parameters(paramLabel = "MODEL", description = "the name of a pulled ensemble")
  String name = "";

  RmCommand(Session session) {
    this.session = session;
  }

  @Override
  public void act() throws Exception {
    SkerryHome home = session.openHome("cli.log");
    ModelShelf shelf = new ModelShelf(home);
    ModelShelf.Model model = shelf.model(name);
    Set<String> shared = shelf.sharedWithOthers(model);
    long freed = 0;
    try (BlobStore store = BlobStore.open(home.fetched())) {
      // The note goes first: without it nobody believes that the rest is whole.
      Files.delete(model.note());
      for (String blob : shelf.blobs(model)) {
        BlobId id = BlobId.parse(blob);
        if (!shared.contains(blob) && store.has(id)) {
          freed += store.size(id);
          store.delete(id);
        }
      }
    } catch (IOException e) {
      throw DiskTrouble.cannotWrite(model.note(), e);
    }
    session.terminal().say("Deleted " + name + ", " + ByteSize.format(freed) + " freed.");
  }
}
