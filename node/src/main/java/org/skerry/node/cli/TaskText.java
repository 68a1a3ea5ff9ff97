package org.skerry.node.cli;

import java.util.ArrayList;
import java.util.List;
import org.skerry.node.config.ByteSize;
import org.skerry.node.control.TaskStatus;

/** A task in lines for people. */
final class TaskText {
  private TaskText() {}

  static String line(TaskStatus task) {
    long done = task.units().stream().filter(unit -> unit.accepted() > 0).count();
    return "%s  %d of %d units have accepted weights  %s"
        .formatted(task.name(), done, task.units().size(), task.task());
  }

  static List<String> lines(TaskStatus task) {
    List<String> lines = new ArrayList<>();
    lines.add(task.name() + "  " + task.task());
    lines.add("published by " + task.publisher());
    lines.addAll(terms(task.terms()));
    for (TaskStatus.UnitStatus unit : task.units()) {
      lines.add(
          "%-10s %7d images  %s  %s"
              .formatted(
                  unit.unit(),
                  unit.samples(),
                  unit.claimedBy().isEmpty()
                      ? "nobody works on it"
                      : "claimed by " + String.join(", ", unit.claimedBy()),
                  unit.accepted() == 0
                      ? unit.manifests() + " manifests, none accepted"
                      : "best: step %d, loss %.4f".formatted(unit.bestStep(), unit.bestLoss())));
      if (unit.parameters() > 0) {
        lines.add("           " + sizes(unit));
      }
    }
    return lines;
  }

  private static List<String> terms(TaskStatus.Terms terms) {
    List<String> lines = new ArrayList<>();
    if (!terms.description().isEmpty()) {
      lines.add(terms.description());
    }
    lines.add("licence " + terms.licence());
    lines.add(
        "experts: %s%s; told %s; %d steps of %d"
            .formatted(
                terms.model(),
                terms.codec().isEmpty() ? "" : " of latents (" + terms.codec() + ")",
                switch (terms.told()) {
                  case "texts" -> "what an image's text says";
                  case "classes" -> "an image's class";
                  default -> "nothing of an image";
                },
                terms.steps(),
                terms.batch()));
    lines.add(
        "%s on a unit at once, a lease is %d s; %d of %d evaluators must accept"
            .formatted(
                terms.redundancy() == 1 ? "one peer" : terms.redundancy() + " peers",
                terms.leaseMs() / 1000,
                terms.required(),
                terms.evaluators().size()));
    if (!terms.parent().isEmpty()) {
      lines.add("extends " + terms.parent());
    }
    if (!terms.forkOf().isEmpty()) {
      lines.add("goes on with the weights of " + String.join(", ", terms.forkOf()));
    }
    return lines;
  }

  private static String sizes(TaskStatus.UnitStatus unit) {
    return "%.1f M parameters; files of %s and %s in %d chunks; memory to train: %s, at least %s"
        .formatted(
            unit.parameters() / 1e6,
            ByteSize.format(unit.weightsBytes()),
            ByteSize.format(unit.resumeBytes()),
            unit.chunks(),
            ByteSize.format(unit.memoryBytes()),
            ByteSize.format(unit.leastMemoryBytes()));
  }
}
