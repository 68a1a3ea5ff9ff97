package org.skerry.node.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.skerry.node.event.Event;
import org.skerry.node.event.LoggedEvent;

/**
 * What the event logs of all nodes of a run tell together.
 *
 * @param startMs the first event's time; all seconds below count from it
 * @param losses per unit, its training loss over time, whoever trained it
 * @param spans who worked on which unit and when
 * @param nodes the nodes in order of appearance
 * @param moments what else happened, in order of time
 */
public record RunStory(
    long startMs,
    double seconds,
    Map<String, List<LossPoint>> losses,
    List<Span> spans,
    List<NodeSummary> nodes,
    List<LoggedEvent> moments) {
  /** One training loss. */
  public record LossPoint(double atSeconds, long step, double loss) {}

  /** {@code node} held {@code unit} for this time; {@code end} says how that ended. */
  public record Span(String node, String unit, double fromSeconds, double toSeconds, String end) {}

  /** One node and what it moved. */
  public record NodeSummary(
      String name, String peer, String role, long fetchedBytes, long servedBytes, long refused) {}

  /** Reads the story out of the events of all nodes. */
  public static RunStory of(Collection<LoggedEvent> events) {
    List<LoggedEvent> sorted = new ArrayList<>(events);
    sorted.sort(Comparator.comparingLong(LoggedEvent::atMs));
    long start = sorted.isEmpty() ? 0 : sorted.getFirst().atMs();
    double end = sorted.isEmpty() ? 0 : (sorted.getLast().atMs() - start) / 1000.0;
    Map<String, List<LossPoint>> losses = new TreeMap<>();
    List<LoggedEvent> moments = new ArrayList<>();
    for (LoggedEvent logged : sorted) {
      switch (logged.event()) {
        case Event.Step step ->
            losses
                .computeIfAbsent(step.unit(), unit -> new ArrayList<>())
                .add(new LossPoint((logged.atMs() - start) / 1000.0, step.step(), step.loss()));
        case Event.ManifestPublished m -> moments.add(logged);
        case Event.Attested a -> moments.add(logged);
        case Event.TakeOver t -> moments.add(logged);
        case Event.Killed k -> moments.add(logged);
        case Event.Refused r -> moments.add(logged);
        case Event.WorkerLost w -> moments.add(logged);
        case Event.Started s -> {}
        case Event.Joined j -> {}
        case Event.Reach r -> {}
        case Event.Stopped s -> {}
        case Event.TaskPublished t -> {}
        case Event.Estimated e -> {}
        case Event.TooLarge e -> {}
        case Event.Claimed c -> {}
        case Event.Renewed r -> {}
        case Event.LeaseLost l -> {}
        case Event.Standby s -> {}
        case Event.Paused p -> {}
        case Event.Resumed r -> {}
        case Event.NetworkHeld n -> {}
        case Event.Reconfigured r -> {}
        case Event.Misconfigured m -> {}
        case Event.WorkerStarted w -> {}
        case Event.Checkpoint c -> {}
        case Event.BadSamples b -> {}
        case Event.RolledBack r -> {}
        case Event.UnitFinished u -> {}
        case Event.BlobFetched b -> {}
        case Event.Served s -> {}
        case Event.Sampled s -> {}
      }
    }
    return new RunStory(
        start, end, losses, Spans.of(sorted, start, end), summaries(sorted), moments);
  }

  private static List<NodeSummary> summaries(List<LoggedEvent> sorted) {
    Map<String, NodeSummary> nodes = new LinkedHashMap<>();
    Map<String, Map<String, Long>> served = new LinkedHashMap<>();
    for (LoggedEvent logged : sorted) {
      NodeSummary old =
          nodes.getOrDefault(
              logged.node(), new NodeSummary(logged.node(), logged.peer(), "", 0, 0, 0));
      NodeSummary updated =
          switch (logged.event()) {
            case Event.Started started ->
                new NodeSummary(
                    old.name(),
                    logged.peer(),
                    started.role(),
                    old.fetchedBytes(),
                    old.servedBytes(),
                    old.refused());
            case Event.BlobFetched blob ->
                new NodeSummary(
                    old.name(),
                    old.peer(),
                    old.role(),
                    old.fetchedBytes()
                        + blob.bytesFrom().values().stream().mapToLong(Long::longValue).sum(),
                    old.servedBytes(),
                    old.refused());
            case Event.Refused refused ->
                new NodeSummary(
                    old.name(),
                    old.peer(),
                    old.role(),
                    old.fetchedBytes(),
                    old.servedBytes(),
                    old.refused() + 1);
            case Event.Killed killed -> null;
            default -> old;
          };
      if (updated != null) {
        nodes.put(logged.node(), updated);
      }
      if (logged.event() instanceof Event.BlobFetched blob) {
        blob.bytesFrom()
            .forEach((peer, bytes) ->
                served
                    .computeIfAbsent(peer, p -> new LinkedHashMap<>())
                    .merge(logged.node(), bytes, Long::sum));
      }
    }
    return nodes.values().stream()
        .map(n ->
            new NodeSummary(
                n.name(),
                n.peer(),
                n.role(),
                n.fetchedBytes(),
                served.getOrDefault(n.peer(), Map.of()).values().stream()
                    .mapToLong(Long::longValue)
                    .sum(),
                n.refused()))
        .toList();
  }

  /** The node behind a peer id, or the id's end when none of the run's nodes has it. */
  public String nameOf(String peer) {
    return nodes.stream()
        .filter(node -> node.peer().equals(peer))
        .map(NodeSummary::name)
        .findFirst()
        .orElse(peer.length() > 6 ? "…" + peer.substring(peer.length() - 6) : peer);
  }
}
