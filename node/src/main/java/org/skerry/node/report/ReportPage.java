package org.skerry.node.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.skerry.node.config.ByteSize;
import org.skerry.node.event.Event;
import org.skerry.node.report.RunStory.NodeSummary;

/** Writes the page that tells one run: it needs no network and no script. */
public final class ReportPage {
  private final RunStory story;
  private final Measures measures;
  private final byte[] gridPng;
  private final Palette palette;

  public ReportPage(RunStory story, Measures measures, byte[] gridPng) {
    this.story = story;
    this.measures = measures;
    this.gridPng = gridPng.clone();
    List<String> units = new ArrayList<>(measures.units());
    units.addAll(story.losses().keySet());
    this.palette = new Palette(units);
  }

  /** The page as HTML. */
  public String html() {
    return """
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Skerry: %s</title><style>%s</style></head><body><main>
    <header><p class="over">Skerry run</p><h1>%s</h1><p class="lead">%s</p></header>
    %s%s%s%s%s%s%s%s%s
    <footer>Task <code>%s</code>. Every number was measured on held-out images; the raw values \
    are in demo.json, every event in the logs beside this page.</footer>
    </main></body></html>
    """
        .formatted(
            Html.escape(measures.dataset()),
            css(),
            Html.escape(headline()),
            Html.escape(lead()),
            tiles(),
            grid(),
            quality(),
            losses(),
            router(),
            timeline(),
            handover(),
            refusals(),
            peers(),
            Html.escape(measures.task()));
  }

  private static String css() {
    try (InputStream in =
        Objects.requireNonNull(ReportPage.class.getResourceAsStream("report.css"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String headline() {
    return "%d experts learned %s, each on its own island"
        .formatted(measures.units().size(), measures.dataset());
  }

  private String lead() {
    long trainers = story.spans().stream().map(RunStory.Span::node).distinct().count();
    return "%d volunteers trained %d experts and a router in %.0f seconds, %d processes over real sockets and no server in the middle. An evaluator measured every published manifest; a consumer pulled the accepted ones and sampled the pictures below."
        .formatted(trainers, measures.units().size(), measures.seconds(), story.nodes().size());
  }

  private String tiles() {
    StringBuilder tiles = new StringBuilder("<div class=\"tiles\">");
    tile(
        tiles,
        measures.frechetRatio() <= 0.15,
        "%.3f".formatted(measures.frechetRatio()),
        "Fréchet distance of the ensemble, relative to the better control (lower is better)");
    tile(
        tiles,
        measures.diagonalDominant(),
        measures.diagonalDominant() ? "yes" : "no",
        "each expert is the best one on its own partition");
    tile(
        tiles,
        measures.belowGaussian(),
        measures.belowGaussian() ? "all" : "not all",
        "experts beat the analytic Gaussian denoiser");
    Double accuracy = measures.routerAccuracy();
    if (accuracy != null) {
      tile(tiles, true, "%.0f %%".formatted(100 * accuracy), "router accuracy, averaged over t");
    }
    long moved = story.nodes().stream().mapToLong(NodeSummary::fetchedBytes).sum();
    tile(tiles, true, ByteSize.format(moved), "fetched and verified, chunk by chunk");
    return tiles.append("</div>").toString();
  }

  private static void tile(StringBuilder out, boolean good, String value, String meaning) {
    out.append(
        "<div class=\"tile %s\"><b>%s</b><span>%s</span></div>"
            .formatted(good ? "good" : "bad", Html.escape(value), Html.escape(meaning)));
  }

  private String grid() {
    return section(
        "What came out",
        "Real images, then the same seeds through the ensemble and through each expert alone.",
        "<img class=\"grid\" alt=\"Grid of real and generated images\""
            + " src=\"data:image/png;base64,"
            + Base64.getEncoder().encodeToString(gridPng)
            + "\">");
  }

  private String quality() {
    List<BarChart.Bar> distances =
        List.of(
            bar("real images", measures.frechetReal(), "c2"),
            bar("ensemble, full mix", measures.frechetEnsemble(), "c-accent"),
            bar("ensemble, top-1", measures.frechetTop1(), "c-accent"),
            bar("ensemble, top-2", measures.frechetTop2(), "c-accent"),
            bar("per-pixel Gaussian", measures.frechetGaussian(), "c-other"),
            bar("untrained", measures.frechetUntrained(), "c-other"));
    long routed =
        Math.max(1, measures.routing().values().stream().mapToLong(Long::longValue).sum());
    List<BarChart.Bar> routing =
        new TreeMap<>(measures.routing())
            .entrySet().stream()
                .map(e ->
                    new BarChart.Bar(
                        e.getKey(),
                        e.getValue(),
                        "%d (%.0f %%)".formatted(e.getValue(), 100.0 * e.getValue() / routed),
                        palette.of(e.getKey())))
                .toList();
    return "<div class=\"pair\">"
        + section(
            "Each expert on each partition",
            "Velocity loss on held-out images; the best expert of a column is framed, and it"
                + " should stand on the diagonal. Below: the analytic Gaussian denoiser.",
            MatrixChart.draw(measures))
        + "<div>"
        + section(
            "Fréchet distance",
            "To held-out images, on the built-in features.",
            BarChart.draw("Fréchet distances", distances))
        + section(
            "Where the router sends samples",
            "Experts chosen at the last step of top-1 sampling.",
            BarChart.draw("Samples per expert", routing))
        + "</div></div>";
  }

  private static BarChart.Bar bar(String name, double value, String style) {
    return new BarChart.Bar(name, value, "%.2f".formatted(value), style);
  }

  private String losses() {
    return section(
        "Training loss",
        "Each unit by itself; experts are mean squared errors of the velocity, the router is a"
            + " cross-entropy.",
        unitLegend() + LossChart.draw(story.losses(), story.seconds(), palette));
  }

  private String router() {
    Double prior = measures.routerPrior();
    if (prior == null || measures.routerAccuracyByTime().isEmpty()) {
      return "";
    }
    String legend =
        """
        <div class="legend"><span><i class="c-accent"></i>the router's first choice is right</span>\
        <span><i class="c-other"></i>always the largest partition</span></div>\
        """;
    return section(
        "Router accuracy by noise level",
        "On held-out images. Near t = 1 an image is all noise, and nobody can tell which partition"
            + " it is of.",
        legend + AccuracyChart.draw(measures.routerAccuracyByTime(), prior));
  }

  private String timeline() {
    String marks =
        """
        <div class="legend"><span><i class="diamond"></i>manifest published</span>\
        <span><i class="ring"></i>accepted</span><span><i class="ring bad"></i>refused</span>\
        <span><i class="tri"></i>taken over</span></div>\
        """;
    return section(
        "Who did what, and when",
        "Bars are claimed units. Hover over anything for its numbers.",
        marks + "<div class=\"scroll\">" + TimelineChart.draw(story, palette) + "</div>");
  }

  private String unitLegend() {
    return palette.units().stream()
        .map(u -> "<span><i class=\"%s\"></i>%s</span>".formatted(palette.of(u), Html.escape(u)))
        .collect(Collectors.joining("", "<div class=\"legend\">", "</div>"));
  }

  private String handover() {
    if (measures.victim() == null) {
      return "";
    }
    boolean same = Objects.equals(measures.takeoverParent(), measures.victimLastAccepted());
    String how =
        story.moments().stream()
            .filter(m -> m.event() instanceof Event.TakeOver)
            .map(m -> {
              Event.TakeOver t = (Event.TakeOver) m.event();
              return "%s went on with %s at step %d, %.0f s into the run."
                  .formatted(m.node(), t.unit(), t.step(), (m.atMs() - story.startMs()) / 1000.0);
            })
            .collect(Collectors.joining(" "));
    return section(
        "A volunteer was killed",
        "%s got SIGKILL in the middle of training. %s".formatted(measures.victim(), how),
        """
        <table><tr><th>its newest accepted manifest</th><td><code>%s</code></td></tr>\
        <tr><th>its successor started from</th><td><code>%s</code></td></tr>\
        <tr><th>the same</th><td class="%s">%s</td></tr></table>\
        """
            .formatted(
                Html.escape(Objects.toString(measures.victimLastAccepted(), "none")),
                Html.escape(Objects.toString(measures.takeoverParent(), "none")),
                same ? "yes" : "no",
                same ? "yes" : "no"));
  }

  private String refusals() {
    Map<String, Long> counted =
        story.moments().stream()
            .filter(m -> m.event() instanceof Event.Refused)
            .collect(
                Collectors.groupingBy(
                    m -> {
                      Event.Refused r = (Event.Refused) m.event();
                      return String.join("\t", r.peer(), r.what(), r.reason());
                    },
                    TreeMap::new,
                    Collectors.counting()));
    if (counted.isEmpty() && measures.liar() == null) {
      return "";
    }
    StringBuilder rows = new StringBuilder();
    counted.forEach((key, count) -> {
      String[] part = key.split("\t", -1);
      rows.append(
          "<tr><td>%s</td><td>%s</td><td>%s</td><td class=\"n\">%d</td></tr>"
              .formatted(
                  Html.escape(story.nameOf(part[0])),
                  Html.escape(part[1]),
                  Html.escape(part[2]),
                  count));
    });
    String lead =
        measures.liar() == null
            ? "Every refusal is typed and counted."
            : "%s (%s) served corrupted chunks, proofs and records: %d of its lies were refused, none got through, and the run completed without it."
                .formatted(
                    story.nameOf(measures.liar()),
                    measures.liar(),
                    Objects.requireNonNullElse(measures.liarLiesRefused(), 0L));
    return section(
        measures.liar() == null ? "What was refused" : "The liar",
        lead,
        "<div class=\"scroll\"><table><tr><th>peer</th><th>what</th><th>why</th>"
            + "<th class=\"n\">times</th></tr>"
            + rows
            + "</table></div>");
  }

  private String peers() {
    String rows =
        story.nodes().stream()
            .sorted(Comparator.comparing(NodeSummary::name))
            .map(n ->
                "<tr><td>%s</td><td>%s</td><td class=\"n\">%s</td><td class=\"n\">%s</td><td class=\"n\">%d</td><td><code>%s</code></td></tr>"
                    .formatted(
                        Html.escape(n.name()),
                        Html.escape(n.role()),
                        ByteSize.format(n.fetchedBytes()),
                        ByteSize.format(n.servedBytes()),
                        n.refused(),
                        Html.escape(n.peer())))
            .collect(Collectors.joining());
    return section(
        "The peers",
        "Separate processes, each with its own key, home and sockets.",
        "<div class=\"scroll\"><table><tr><th>node</th><th>role</th><th class=\"n\">fetched</th>"
            + "<th class=\"n\">served</th><th class=\"n\">refused</th><th>peer id</th></tr>"
            + rows
            + "</table></div>");
  }

  private static String section(String title, String lead, String body) {
    return "<section><h2>%s</h2><p>%s</p>%s</section>"
        .formatted(Html.escape(title), Html.escape(lead), body);
  }
}
