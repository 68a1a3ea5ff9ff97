package org.skerry.node.ensemble.folder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.home.DiskTrouble;
import org.skerry.node.home.SkerryHome;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.TransferException;
import org.skerry.transfer.store.BlobStore;

/**
 * Makes an ensemble of this computer of a folder ({@link Layout}). The folder is trusted in
 * nothing: see {@link SignedFolder} and {@link UnsignedFolder}. The note is written last, so that a
 * killed import leaves weights that nobody speaks of, and the next one goes on with them.
 */
public final class EnsembleImporter {
  private static final String NAME = "[a-z0-9][a-z0-9._-]{0,63}";

  private final SkerryHome home;
  private final Consumer<String> said;

  /**
   * @param said hears sentences for the user
   */
  public EnsembleImporter(SkerryHome home, Consumer<String> said) {
    this.home = home;
    this.said = said;
  }

  /**
   * What came of it.
   *
   * @param name by which commands call the ensemble
   */
  public record Imported(String name, Path note, PulledEnsemble ensemble) {}

  /**
   * Imports {@code folder}.
   *
   * @param wanted a name other than the ensemble's own
   */
  public Imported run(Path folder, Optional<String> wanted) throws NodeException {
    Incoming incoming = read(folder);
    String name = wanted.orElse(incoming.ensemble().name());
    if (!name.matches(NAME)) {
      throw new NodeException(
          Reason.USAGE,
          "'" + PlainText.shown(name) + "' cannot be the name of an ensemble",
          "give one with --name: a-z, 0-9, '.', '_' and '-', at most 64");
    }
    Path note = home.model(name);
    requireFree(name, note, incoming.ensemble());
    incoming.remarks().forEach(said);
    take(folder, incoming);
    try {
      incoming.ensemble().write(note);
    } catch (IOException e) {
      throw DiskTrouble.cannotWrite(note, e);
    }
    return new Imported(name, note, incoming.ensemble());
  }

  private static Incoming read(Path folder) throws NodeException {
    if (!Files.isDirectory(folder)) {
      throw new NodeException(
          Reason.NOT_FOUND,
          folder + " is no folder",
          "name a folder that `skerry export` wrote, or one in the layout of Paris");
    }
    try {
      return Incoming.read(SourceFolder.open(folder));
    } catch (IOException e) {
      throw new NodeException(
          Reason.DATA_INVALID,
          "%s cannot be imported: %s".formatted(folder, DiskTrouble.describe(e)),
          "get it again from whoever gave it to you",
          e);
    }
  }

  private static void requireFree(String name, Path note, PulledEnsemble ensemble)
      throws NodeException {
    if (!Files.exists(note)) {
      return;
    }
    boolean same;
    try {
      same = PulledEnsemble.read(note).equals(ensemble);
    } catch (IOException e) {
      same = false;
    }
    if (!same) {
      throw new NodeException(
          Reason.USAGE,
          "there is another ensemble " + name + " on this computer",
          "give this one another name with --name, or delete that one with `skerry rm "
              + name
              + "`");
    }
  }

  private void take(Path folder, Incoming incoming) throws NodeException {
    home.create();
    try (BlobStore store = BlobStore.open(home.fetched())) {
      for (Incoming.Blob blob : incoming.blobs()) {
        take(store, blob);
      }
    } catch (TransferException e) {
      if (e.reason() == TransferException.Reason.LOCKED) {
        throw new NodeException(
            Reason.FAILED,
            "another skerry command writes to " + home.fetched(),
            "wait for it to end, and run this one again",
            e);
      }
      throw DiskTrouble.cannotWrite(home.fetched(), e);
    } catch (IOException e) {
      throw new NodeException(
          DiskTrouble.isFull(e) ? Reason.DISK : Reason.FAILED,
          "%s cannot be copied (%s)".formatted(folder, DiskTrouble.describe(e)),
          "run the command again: what has come is kept",
          e);
    }
  }

  private static void take(BlobStore store, Incoming.Blob blob) throws IOException {
    if (store.has(blob.id())) {
      if (store.verify(blob.id()).whole()) {
        return;
      }
      store.demote(blob.id());
      store.discardPartial(blob.id());
    }
    BlobId added = store.add(blob.file());
    if (!added.equals(blob.id())) {
      store.delete(added);
      throw new IOException(blob.relative() + " changed while it was read");
    }
  }
}
