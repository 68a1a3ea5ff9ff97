package org.skerry.node.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.skerry.node.config.ByteSize;
import org.skerry.node.control.TaskStatus;
import org.skerry.node.control.TaskStatus.LeaseStatus;
import org.skerry.node.control.TaskStatus.UnitStatus;

/** What happened to a task between two looks at it, a line each, for people. */
final class TaskNews {
  /** A line for so many parts of a recipe. */
  private static final int PARTS = 20;

  private TaskNews() {}

  /** Where the task is, in one line and one more for every unit. */
  static List<String> overview(TaskStatus task) {
    List<String> lines = new ArrayList<>();
    lines.add(summary(task));
    for (UnitStatus unit : task.units()) {
      List<LeaseStatus> live = unit.leases().stream().filter(LeaseStatus::isLive).toList();
      String accepted =
          unit.finished()
              ? "finished, loss " + loss(unit)
              : unit.accepted() > 0
                  ? "accepted: step %d, loss %s".formatted(unit.bestStep(), loss(unit))
                  : unit.manifests() > 0
                      ? unit.manifests() + " manifests, none accepted"
                      : "no weights yet";
      lines.add(line(unit, accepted));
      if (live.isEmpty() && !unit.finished()) {
        lines.add(line(unit, "nobody works on it"));
      }
      live.forEach(lease -> lines.add(line(unit, who(lease) + " " + doing(unit, lease))));
    }
    return lines;
  }

  /** The whole task in one line. */
  static String summary(TaskStatus task) {
    long accepted = task.units().stream().filter(unit -> unit.accepted() > 0).count();
    long finished = task.units().stream().filter(UnitStatus::finished).count();
    List<LeaseStatus> live =
        task.units().stream()
            .flatMap(unit -> unit.leases().stream())
            .filter(LeaseStatus::isLive)
            .toList();
    long atRisk = live.stream().filter(lease -> lease.state().equals("at risk")).count();
    return "%s: %d of %d units have accepted weights, %d are finished; %d claimed%s"
        .formatted(
            task.name(),
            accepted,
            task.units().size(),
            finished,
            live.size(),
            atRisk == 0 ? "" : ", %d of the leases at risk".formatted(atRisk));
  }

  /** What {@code now} has that {@code before} had not. */
  static List<String> since(TaskStatus before, TaskStatus now) {
    Map<String, UnitStatus> units =
        before.units().stream().collect(Collectors.toMap(UnitStatus::unit, Function.identity()));
    List<String> lines = new ArrayList<>();
    for (UnitStatus unit : now.units()) {
      UnitStatus was = units.get(unit.unit());
      if (was != null) {
        leases(was, unit, lines);
        weights(was, unit, lines);
      }
    }
    return lines;
  }

  private static void leases(UnitStatus was, UnitStatus unit, List<String> lines) {
    Map<String, LeaseStatus> known =
        was.leases().stream().collect(Collectors.toMap(LeaseStatus::peer, Function.identity()));
    for (LeaseStatus lease : unit.leases()) {
      LeaseStatus old = known.remove(lease.peer());
      if (!lease.isLive()) {
        if (old != null && old.isLive()) {
          lines.add(line(unit, who(lease) + " " + ending(lease)));
        }
      } else if (old == null || !old.isLive()) {
        String device = lease.device().isEmpty() ? "" : " (" + lease.device() + ")";
        lines.add(line(unit, who(lease) + " claims it" + device));
      } else if (!old.state().equals(lease.state()) || part(unit, old) < part(unit, lease)) {
        String back = old.state().equals("at risk") ? "is back: " : "";
        lines.add(line(unit, who(lease) + " " + back + doing(unit, lease)));
      }
    }
    known.values().stream()
        .filter(LeaseStatus::isLive)
        .forEach(lost -> lines.add(line(unit, who(lost) + " is no longer on the board")));
  }

  private static void weights(UnitStatus was, UnitStatus unit, List<String> lines) {
    boolean better = !unit.bestManifest().equals(was.bestManifest()) && unit.accepted() > 0;
    if (unit.finished() && !was.finished()) {
      lines.add(line(unit, "finished: step %d, loss %s".formatted(unit.bestStep(), loss(unit))));
    } else if (better) {
      lines.add(
          line(
              unit,
              "accepted and the best: step %d, loss %s".formatted(unit.bestStep(), loss(unit))));
    } else if (unit.accepted() > was.accepted()) {
      lines.add(line(unit, "accepted, though others are better"));
    } else if (unit.manifests() > was.manifests()) {
      lines.add(line(unit, "new weights are published; evaluators have not decided"));
    }
  }

  private static String doing(UnitStatus unit, LeaseStatus lease) {
    return switch (lease.state()) {
      case "fetching" -> "fetches data, " + ByteSize.format(lease.fetchedBytes()) + " so far";
      case "training" -> "trains: " + progress(unit, lease);
      case "at risk" ->
          "shows nothing new: its lease ends in %d s, at %s"
              .formatted(lease.endsInMs() / 1000, progress(unit, lease));
      default -> "has claimed it and prepares";
    };
  }

  private static String ending(LeaseStatus lease) {
    return lease.state().equals("released")
        ? "gives it back at step " + lease.step()
        : "is gone: its lease ended at step " + lease.step();
  }

  private static String progress(UnitStatus unit, LeaseStatus lease) {
    return String.format(
        Locale.ROOT,
        "step %d of %d (%d %%), %.1f samples/s",
        lease.step(),
        unit.steps(),
        unit.steps() == 0 ? 0 : 100 * lease.step() / unit.steps(),
        lease.samplesPerSecond());
  }

  private static long part(UnitStatus unit, LeaseStatus lease) {
    return unit.steps() == 0 ? 0 : PARTS * lease.step() / unit.steps();
  }

  private static String loss(UnitStatus unit) {
    return String.format(Locale.ROOT, "%.4f", unit.bestLoss());
  }

  /** As everywhere: the end of a peer id tells it from others. */
  private static String who(LeaseStatus lease) {
    String peer = lease.peer();
    return "…" + peer.substring(Math.max(0, peer.length() - 6));
  }

  private static String line(UnitStatus unit, String what) {
    return "%-10s  %s".formatted(unit.unit(), what);
  }
}
