package org.skerry.node.demo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.skerry.node.event.Event;
import org.skerry.node.event.EventTail;
import org.skerry.node.event.LoggedEvent;
import org.skerry.node.event.Narrator;
import org.skerry.node.home.SkerryHome;

/** Reads the event logs of all nodes of a run and knows how far it is. Used by one thread. */
final class Watch {
  private final Map<String, EventTail> tails = new LinkedHashMap<>();
  private final List<LoggedEvent> all = new ArrayList<>();
  private final Map<String, String> peers = new HashMap<>();
  private final Map<String, Event.Step> progress = new TreeMap<>();
  private final Set<String> finalManifests = new HashSet<>();
  private final Set<String> accepted = new HashSet<>();
  private final Set<String> refusers = new HashSet<>();
  private final Set<String> finished = new HashSet<>();
  private final Stage stage;

  Watch(Stage stage) {
    this.stage = stage;
  }

  void follow(String node, SkerryHome home) {
    tails.put(node, new EventTail(home.events()));
  }

  /** Takes what is new, and tells the important part of it. */
  void poll() throws IOException {
    for (EventTail tail : tails.values()) {
      for (LoggedEvent logged : tail.poll()) {
        take(logged);
      }
    }
  }

  void take(LoggedEvent logged) {
    all.add(logged);
    peers.put(logged.peer(), logged.node());
    switch (logged.event()) {
      case Event.Step step -> progress.put(step.unit(), step);
      case Event.ManifestPublished m when m.last() -> finalManifests.add(m.manifest());
      case Event.Attested a when a.accepted() -> {
        accepted.add(a.unit());
        if (finalManifests.contains(a.manifest())) {
          finished.add(a.unit());
        }
      }
      default -> {}
    }
    if (logged.event() instanceof Event.Refused && !refusers.add(logged.node() + logged.event())) {
      return; // told once; the report counts them
    }
    Narrator.sentence(logged.event())
        .ifPresent(text -> stage.say("  %-10s %s".formatted(logged.node(), named(text))));
  }

  /** Peer ids' ends become names. */
  private String named(String text) {
    String out = text;
    for (Map.Entry<String, String> peer : peers.entrySet()) {
      if (peer.getKey().length() > 8) {
        out =
            out.replace("…" + peer.getKey().substring(peer.getKey().length() - 8), peer.getValue());
      }
    }
    return out;
  }

  List<LoggedEvent> events() {
    return List.copyOf(all);
  }

  /** The units whose final weights were accepted. */
  Set<String> finished() {
    return Set.copyOf(finished);
  }

  /** The units of which some weights were accepted. */
  Set<String> accepted() {
    return Set.copyOf(accepted);
  }

  /** Every unit's last step. */
  Map<String, Event.Step> progress() {
    return Map.copyOf(progress);
  }

  /** The first event of this kind that {@code node} told. */
  <E extends Event> Optional<E> first(String node, Class<E> kind) {
    return all.stream()
        .filter(logged -> logged.node().equals(node) && kind.isInstance(logged.event()))
        .map(logged -> kind.cast(logged.event()))
        .findFirst();
  }

  long count(String node, Class<? extends Event> kind) {
    return all.stream()
        .filter(logged -> logged.node().equals(node) && kind.isInstance(logged.event()))
        .count();
  }

  /** Who has an accepted expert manifest and is still training it. */
  Optional<LoggedEvent> firstAcceptedExpert() {
    return all.stream()
        .filter(logged ->
            logged.event() instanceof Event.Attested a
                && a.accepted()
                && a.unit().startsWith("expert"))
        .findFirst();
  }

  String nodeOf(String peer) {
    return peers.getOrDefault(peer, peer);
  }

  /** The first take-over of {@code unit}, and the accepted manifest of {@code author} before it. */
  Optional<LoggedEvent> takeOver(String unit) {
    return all.stream()
        .filter(logged -> logged.event() instanceof Event.TakeOver t && t.unit().equals(unit))
        .findFirst();
  }

  /** The newest accepted manifest of {@code author} at that time. */
  Optional<String> lastAccepted(String author, String unit, long beforeMs) {
    Map<String, Long> steps = new HashMap<>();
    Optional<String> best = Optional.empty();
    long most = -1;
    for (LoggedEvent logged : all) {
      if (logged.event() instanceof Event.ManifestPublished m) {
        steps.put(m.manifest(), m.step());
      }
    }
    for (LoggedEvent logged : all) {
      if (logged.atMs() <= beforeMs
          && logged.event() instanceof Event.Attested a
          && a.accepted()
          && a.unit().equals(unit)
          && a.author().equals(author)
          && steps.getOrDefault(a.manifest(), 0L) > most) {
        most = steps.getOrDefault(a.manifest(), 0L);
        best = Optional.of(a.manifest());
      }
    }
    return best;
  }
}
