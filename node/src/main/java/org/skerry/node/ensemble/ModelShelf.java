package org.skerry.node.ensemble;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.ensemble.folder.Starter;
import org.skerry.node.home.DiskTrouble;
import org.skerry.node.home.SkerryHome;

/** The ensembles that were pulled to this computer. */
public final class ModelShelf {
  private static final String SUFFIX = ".json";

  private final SkerryHome home;

  public ModelShelf(SkerryHome home) {
    this.home = home;
  }

  /**
   * An ensemble on the shelf.
   *
   * @param name by which commands call it
   * @param note the file
   */
  public record Model(String name, Path note, PulledEnsemble ensemble) {}

  /**
   * All that can be read, by name.
   *
   * @param damaged hears of notes that cannot
   */
  public List<Model> models(Consumer<String> damaged) throws NodeException {
    Path folder = home.models();
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Model> out = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path note : files.filter(ModelShelf::isNote).sorted().toList()) {
        try {
          out.add(new Model(name(note), note, PulledEnsemble.read(note)));
        } catch (IOException e) {
          damaged.accept(String.valueOf(e.getMessage()));
        }
      }
    } catch (IOException e) {
      throw DiskTrouble.cannotRead(folder, e);
    }
    return out;
  }

  private static boolean isNote(Path file) {
    return file.getFileName().toString().endsWith(SUFFIX);
  }

  private static String name(Path note) {
    String file = note.getFileName().toString();
    return file.substring(0, file.length() - SUFFIX.length());
  }

  /**
   * The ensemble that {@code name} means.
   *
   * @param name of a pulled ensemble, or the path of a note; {@value Starter#NAME} comes from the
   *     installation the first time
   */
  public Model model(String name) throws NodeException {
    Path named = Path.of(name);
    Path note = Files.isRegularFile(named) ? named.toAbsolutePath() : home.model(name);
    if (name.equals(Starter.NAME) && !Files.exists(note)) {
      Starter.fetch(home);
    }
    try {
      return new Model(name, note, PulledEnsemble.read(note));
    } catch (IOException e) {
      throw new NodeException(
          Reason.NOT_FOUND,
          "no ensemble '" + name + "' was pulled (" + e.getMessage() + ")",
          "get it with `skerry pull " + name + "`, or see `skerry list`",
          e);
    }
  }

  /** As {@link #model}, to make pictures with. */
  public Model modelToSample(String name) throws NodeException {
    Model model = model(name);
    if (model.ensemble().needsText() && model.ensemble().text() == null) {
      throw new NodeException(
          Reason.DATA_INVALID,
          name
              + " cannot be sampled from: its experts are nothing without a text, and it came without"
              + " a text encoder",
          "import a folder that has text_encoder/ and tokenizer/ too"
              + ", or choose another one of `skerry list`");
    }
    return model;
  }

  /** The ensemble that has all of {@code manifests}, as a picture names them. */
  public Optional<Model> with(Set<String> manifests) throws NodeException {
    return models(ignored -> {}).stream()
        .filter(model -> model.ensemble().manifests().containsAll(manifests))
        .findFirst();
  }

  /** The blobs of {@code model}: its weights, and what was fetched to be looked at. */
  public Set<String> blobs(Model model) {
    Set<String> out = new HashSet<>(model.ensemble().blobs());
    if (model.ensemble().proofIfPresent().isPresent()) {
      try {
        Provenance provenance = model.ensemble().proofIfPresent().get().verified();
        provenance.extras().forEach(blob -> out.add(blob.toString()));
      } catch (IOException e) {
        // Damaged documents name nothing.
        return out;
      }
    }
    return out;
  }

  /** The blobs that models other than {@code model} have too. */
  public Set<String> sharedWithOthers(Model model) throws NodeException {
    Set<String> out = new HashSet<>();
    for (Model other : models(ignored -> {})) {
      if (!other.note().equals(model.note())) {
        out.addAll(blobs(other));
      }
    }
    return out;
  }
}
