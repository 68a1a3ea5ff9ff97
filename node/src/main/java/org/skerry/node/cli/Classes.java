package org.skerry.node.cli;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.ensemble.PulledEnsemble;

/** Which class of a model somebody means. */
record Classes(PulledEnsemble model, Terminal terminal) {
  private static final int MAX_NAMES = 20;

  /**
   * The class that is wanted; empty for none.
   *
   * @param wanted number or name, as an option gives it; null for none
   * @param guidance as an option gives it; null for none
   */
  OptionalInt named(@Nullable String wanted, @Nullable Double guidance) throws NodeException {
    if (model.needsText()) {
      if (wanted != null) {
        terminal.warn(model.name() + " reads prompts and knows no classes: --class does nothing");
      }
      return OptionalInt.empty();
    }
    if (model.classes() == 0) {
      if (wanted != null || guidance != null) {
        terminal.warn(
            model.name() + " was trained without classes: --class and --guidance do nothing");
      }
      return OptionalInt.empty();
    }
    if (wanted == null) {
      return OptionalInt.empty();
    }
    OptionalInt label = model.classOf(wanted);
    if (label.isEmpty()) {
      throw none("'" + wanted + "'", "name one of ");
    }
    return label;
  }

  /** The class that a sentence speaks of; empty where the model listens to none. */
  OptionalInt spokenOf(String prompt) throws NodeException {
    if (prompt.isBlank() || model.needsText()) {
      return OptionalInt.empty();
    }
    if (model.classes() == 0) {
      terminal.warn(
          model.name() + " was trained without words or classes: it ignores '" + prompt + "'");
      return OptionalInt.empty();
    }
    OptionalInt label = model.classIn(prompt);
    if (label.isEmpty()) {
      throw none("in '" + prompt + "'", "use the name of one of ");
    }
    return label;
  }

  /** What people call a class, where it has a name. */
  Optional<String> nameOf(int label) {
    List<String> names = model.classNames();
    return names == null || label >= names.size()
        ? Optional.empty()
        : Optional.of(names.get(label));
  }

  private NodeException none(String where, String remedy) {
    return new NodeException(
        Reason.USAGE, model.name() + " has no class " + where, remedy + "its classes, " + text());
  }

  private String text() {
    String numbers = "0 to " + (model.classes() - 1);
    List<String> names = model.classNames();
    if (names == null || names.isEmpty()) {
      return numbers;
    }
    return numbers
        + ": "
        + String.join(", ", names.subList(0, Math.min(names.size(), MAX_NAMES)))
        + (names.size() > MAX_NAMES ? ", …" : "");
  }
}
