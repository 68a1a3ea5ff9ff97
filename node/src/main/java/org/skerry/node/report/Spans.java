package org.skerry.node.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.skerry.node.event.Event;
import org.skerry.node.event.LoggedEvent;
import org.skerry.node.report.RunStory.Span;

/** Finds from claims and their ends who worked on what, and when. */
final class Spans {
  private record Open(String unit, double fromSeconds) {}

  private Spans() {}

  static List<Span> of(List<LoggedEvent> sorted, long startMs, double endSeconds) {
    Map<String, Open> open = new LinkedHashMap<>();
    List<Span> spans = new ArrayList<>();
    for (LoggedEvent logged : sorted) {
      double now = (logged.atMs() - startMs) / 1000.0;
      switch (logged.event()) {
        case Event.Claimed claimed -> {
          close(spans, open, logged.node(), now, "moved on");
          open.put(logged.node(), new Open(claimed.unit(), now));
        }
        case Event.UnitFinished finished -> close(spans, open, logged.node(), now, "finished");
        case Event.LeaseLost lost -> close(spans, open, logged.node(), now, lost.why());
        case Event.Stopped stopped -> close(spans, open, logged.node(), now, "stopped");
        case Event.Killed killed -> close(spans, open, killed.node(), now, "killed");
        default -> {}
      }
    }
    for (String node : List.copyOf(open.keySet())) {
      close(spans, open, node, endSeconds, "still at it");
    }
    return spans;
  }

  private static void close(
      List<Span> spans, Map<String, Open> open, String node, double now, String end) {
    Open was = open.remove(node);
    if (was != null) {
      spans.add(new Span(node, was.unit(), was.fromSeconds(), now, end));
    }
  }
}
