package org.skerry.node.serve;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.ensemble.ModelShelf;
import org.skerry.node.ensemble.folder.Starter;

/** The models that may be asked for, and the one that is meant when none is named. Thread-safe. */
public final class ServedModels {
  private final ModelShelf shelf;
  private final List<String> named;
  private volatile @Nullable String chosen;

  /**
   * @param named by their names on the shelf; empty for whatever lies there, and for the starter
   *     when nothing does
   * @throws NodeException when one does not, or nothing does
   */
  public ServedModels(ModelShelf shelf, List<String> named) throws NodeException {
    this.shelf = shelf;
    this.named = List.copyOf(named);
    for (String name : named) {
      shelf.modelToSample(name);
    }
    if (all().isEmpty()) {
      shelveStarter();
    }
  }

  private void shelveStarter() throws NodeException {
    try {
      shelf.model(Starter.NAME);
    } catch (NodeException e) {
      throw new NodeException(
          Reason.NOT_FOUND,
          "there is no model to serve (" + e.what() + ")",
          "get one with `skerry pull NAME`",
          e);
    }
  }

  List<ModelShelf.Model> all() throws NodeException {
    if (named.isEmpty()) {
      return shelf.models(ignored -> {}).stream()
          .filter(model -> !model.ensemble().needsText())
          .toList();
    }
    List<ModelShelf.Model> out = new ArrayList<>();
    for (String name : named) {
      out.add(shelf.model(name));
    }
    return out;
  }

  public List<String> names() throws NodeException {
    return all().stream().map(ModelShelf.Model::name).toList();
  }

  /**
   * The model that a field names.
   *
   * @param name empty for the usual one
   */
  ModelShelf.Model named(String field, Optional<String> name) throws CallException, NodeException {
    if (name.isEmpty()) {
      return usual();
    }
    Optional<ModelShelf.Model> found = find(name.get());
    if (found.isEmpty()) {
      throw CallException.noModel(
          field,
          field + " '" + Endings.shortened(name.get()) + "' is not served here",
          "name one of " + String.join(", ", names()));
    }
    return found.get();
  }

  Optional<ModelShelf.Model> find(String name) throws NodeException {
    return all().stream().filter(model -> model.name().equals(name)).findFirst();
  }

  /** The model that is meant when none is named: the one that was chosen, else the first. */
  ModelShelf.Model usual() throws NodeException {
    List<ModelShelf.Model> all = all();
    if (all.isEmpty()) {
      throw new NodeException(
          Reason.NOT_FOUND, "no model is left to serve", "get one with `skerry pull NAME`");
    }
    return all.stream()
        .filter(model -> model.name().equals(chosen))
        .findFirst()
        .orElse(all.getFirst());
  }

  /** From now on {@link #usual} is this one. */
  void choose(ModelShelf.Model model) {
    chosen = model.name();
  }
}
