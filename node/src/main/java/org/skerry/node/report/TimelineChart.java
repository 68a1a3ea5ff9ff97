package org.skerry.node.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.skerry.node.event.Event;
import org.skerry.node.event.LoggedEvent;
import org.skerry.node.report.RunStory.Span;

/**
 * One row a node: bars for the units it held, diamonds for manifests, rings for attestations (green
 * accepted, red refused), a cross where it was killed.
 */
final class TimelineChart {
  private static final int WIDTH = 960;
  private static final int LEFT = 118;
  private static final int ROW = 44;
  private static final int TOP = 8;

  private TimelineChart() {}

  static String draw(RunStory story, Palette palette) {
    List<String> rows = rows(story);
    int height = TOP + rows.size() * ROW + 30;
    Axis x = new Axis(0, story.seconds(), LEFT, WIDTH - 14);
    Svg svg = new Svg(WIDTH, height, "Timeline of claims, manifests and attestations");
    for (double tick : x.ticks(8)) {
      svg.line(x.at(tick), TOP, x.at(tick), height - 28, "rule");
      svg.text(x.at(tick), height - 8, "middle", "tick", "%.0f s".formatted(tick));
    }
    for (int row = 0; row < rows.size(); row++) {
      svg.text(LEFT - 12, middle(row) + 4, "end", "label", rows.get(row));
      svg.line(LEFT, middle(row), WIDTH - 14, middle(row), "rule");
    }
    for (Span span : story.spans()) {
      bar(svg, span, middle(rows.indexOf(span.node())), x, palette);
    }
    for (LoggedEvent moment : story.moments()) {
      mark(svg, moment, rows, x, story);
    }
    return svg.end();
  }

  private static List<String> rows(RunStory story) {
    Set<String> rows = new LinkedHashSet<>();
    story.nodes().stream()
        .map(RunStory.NodeSummary::name)
        .filter(name ->
            story.spans().stream().anyMatch(span -> span.node().equals(name))
                || story.moments().stream()
                    .anyMatch(m -> m.node().equals(name) && isDrawn(m.event())))
        .sorted()
        .forEach(rows::add);
    return new ArrayList<>(rows);
  }

  private static boolean isDrawn(Event event) {
    return event instanceof Event.Attested || event instanceof Event.ManifestPublished;
  }

  private static double middle(int row) {
    return TOP + row * ROW + ROW / 2.0;
  }

  private static void bar(Svg svg, Span span, double y, Axis x, Palette palette) {
    double from = x.at(span.fromSeconds());
    double width = x.at(span.toSeconds()) - from;
    svg.rect(
        from,
        y - 11,
        width,
        22,
        "bar " + palette.of(span.unit()),
        "%s trains %s from %.0f s to %.0f s: %s"
            .formatted(span.node(), span.unit(), span.fromSeconds(), span.toSeconds(), span.end()));
    if (width > span.unit().length() * 7.5 + 8) {
      svg.text(from + 7, y + 4, "start", "on-bar", span.unit());
    }
    if (span.end().equals("killed")) {
      double end = x.at(span.toSeconds());
      svg.path(
          "M%s %sl12 12m0 -12l-12 12".formatted(Svg.number(end - 6), Svg.number(y - 6)),
          "killed",
          span.node() + " was killed");
    }
  }

  private static void mark(Svg svg, LoggedEvent moment, List<String> rows, Axis x, RunStory story) {
    int row = rows.indexOf(moment.node());
    double at = x.at((moment.atMs() - story.startMs()) / 1000.0);
    if (row < 0) {
      return;
    }
    double y = middle(row);
    switch (moment.event()) {
      case Event.ManifestPublished m ->
          svg.path(
              "M%s %sl5 5l-5 5l-5 -5z".formatted(Svg.number(at), Svg.number(y + 8)),
              "manifest",
              "%s publishes %s at step %d, validation loss %.3f%s"
                  .formatted(
                      moment.node(),
                      m.unit(),
                      m.step(),
                      m.validationLoss(),
                      m.last() ? " (final)" : ""));
      case Event.Attested a ->
          svg.circle(
              at,
              y,
              5,
              a.accepted() ? "accepted" : "rejected",
              "%s %s %s of %s: secret loss %.3f%s"
                  .formatted(
                      moment.node(),
                      a.accepted() ? "accepts" : "refuses",
                      a.unit(),
                      story.nameOf(a.author()),
                      a.secretLoss(),
                      a.reason().isEmpty() ? "" : ", " + a.reason()));
      case Event.TakeOver t ->
          svg.path(
              "M%s %sl6 -9l6 9z".formatted(Svg.number(at - 6), Svg.number(y - 13)),
              "takeover",
              "%s takes %s over from %s at step %d"
                  .formatted(moment.node(), t.unit(), story.nameOf(t.author()), t.step()));
      default -> {}
    }
  }
}
