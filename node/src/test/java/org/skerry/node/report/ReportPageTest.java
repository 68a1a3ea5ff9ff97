package org.skerry.node.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.skerry.node.event.Event;
import org.skerry.node.event.LoggedEvent;
import org.skerry.node.report.RunStory.NodeSummary;
import org.skerry.node.report.RunStory.Span;
import org.xml.sax.InputSource;

class ReportPageTest {
  private static final String TASK = "bafytask";

  /** Four volunteers, three experts and a router; bob is killed and dora takes over. */
  private static List<LoggedEvent> run() {
    List<LoggedEvent> events = new ArrayList<>();
    String[] names = {"anna", "bob", "carl", "dora"};
    for (int i = 0; i < names.length; i++) {
      at(events, i, names[i], new Event.Started("volunteer", "0.1", List.of()));
      String unit = i == 3 ? "router" : "expert-" + i;
      at(
          events,
          10 + i,
          names[i],
          new Event.BlobFetched("b" + i, 5 << 20, 1, Map.of("peer-rita", 5L << 20)));
      at(events, 12 + i, names[i], new Event.Claimed(TASK, unit, 10_000));
    }
    at(events, 1, "rita", new Event.Started("researcher", "0.1", List.of()));
    Random random = new Random(7);
    for (int s = 20; s < 200; s++) {
      for (int i = 0; i < names.length; i++) {
        if ((i == 1 && s > 80) || (i == 3 && s > 110)) {
          continue;
        }
        String unit = i == 3 ? "router" : "expert-" + i;
        double loss =
            0.3 + 0.1 * i + 1.2 * Math.exp(-(s - 20) / 25.0) + random.nextGaussian() * 0.03;
        at(events, s, names[i], new Event.Step(unit, s * 4, loss, 100, 0));
      }
    }
    for (int i = 0; i < 4; i++) {
      String unit = i == 3 ? "router" : "expert-" + i;
      at(
          events,
          70 + i,
          names[i],
          new Event.ManifestPublished(TASK, unit, "bafm" + i, "", 200, 0.4, 0.5, false));
      at(
          events,
          74 + i,
          "rita",
          new Event.Attested(
              TASK,
              unit,
              "bafm" + i,
              "peer-" + names[i],
              i != 2,
              i == 2 ? "WORSE" : "",
              0.5,
              0.51,
              1.2,
              0.8));
    }
    at(events, 81, "demo", new Event.Killed("bob", "SIGKILL"));
    at(events, 111, "dora", new Event.UnitFinished(TASK, "router", 400));
    at(events, 114, "dora", new Event.Claimed(TASK, "expert-1", 10_000));
    at(events, 115, "dora", new Event.TakeOver(TASK, "expert-1", "bafm1", "peer-bob", 200));
    for (int s = 116; s < 200; s++) {
      at(
          events,
          s,
          "dora",
          new Event.Step(
              "expert-1",
              200 + (s - 116) * 4,
              0.5 - s * 0.0005 + random.nextGaussian() * 0.03,
              90,
              0));
    }
    at(events, 90, "carl", new Event.Refused("peer-liar", "chunk", "HASH_MISMATCH"));
    at(events, 92, "anna", new Event.Refused("peer-liar", "record <b>", "BAD_SIGNATURE"));
    at(events, 200, "anna", new Event.UnitFinished(TASK, "expert-0", 700));
    return events;
  }

  private static void at(List<LoggedEvent> events, long second, String node, Event event) {
    events.add(new LoggedEvent(1_000_000 + second * 1000, node, "peer-" + node, event));
  }

  private static Measures measures() {
    return new Measures(
        TASK,
        "emoji",
        245,
        190,
        List.of("expert-0", "expert-1", "expert-2"),
        List.of(400L, 410L, 390L),
        List.of(List.of(0.31, 0.42, 0.5), List.of(0.4, 0.33, 0.45), List.of(0.52, 0.47, 0.29)),
        List.of(0.6, 0.62, 0.58),
        true,
        true,
        0.83,
        List.of(0.99, 0.99, 0.98, 0.97, 0.95, 0.9, 0.84, 0.7, 0.55, 0.4),
        0.35,
        Map.of("expert-0", 30L, "expert-1", 22L, "expert-2", 12L),
        2.7,
        3.1,
        2.9,
        86,
        27,
        1.3,
        Map.of("expert-0", "bafm0"),
        "bafm1",
        "bob",
        "bafm1",
        "peer-liar",
        true,
        2L);
  }

  private static byte[] png() throws Exception {
    BufferedImage image = new BufferedImage(64, 16, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 64 * 16; i++) {
      image.setRGB(i % 64, i / 64, 0x3377aa + i * 991);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  @Test
  void tellsWhoHeldWhichUnitAndHowThatEnded() {
    RunStory story = RunStory.of(run());

    assertThat(story.spans())
        .contains(
            new Span("bob", "expert-1", 13, 81, "killed"),
            new Span("dora", "router", 15, 111, "finished"),
            new Span("dora", "expert-1", 114, 200, "still at it"));
    assertThat(story.nodes())
        .contains(new NodeSummary("rita", "peer-rita", "researcher", 0, 20L << 20, 0))
        .contains(new NodeSummary("carl", "peer-carl", "volunteer", 5L << 20, 0, 1))
        .noneMatch(node -> node.name().equals("demo"));
    assertThat(story.nameOf("peer-bob")).isEqualTo("bob");
  }

  @Test
  void pageIsSelfContainedEscapedAndItsChartsAreWellFormed() throws Exception {
    String html = new ReportPage(RunStory.of(run()), measures(), png()).html();

    assertThat(html)
        .contains("bafm1", "SIGKILL", "HASH_MISMATCH", "record &lt;b&gt;", "data:image/png;base64,")
        .doesNotContain("<script", "http://", "https://", "NaN");
    var builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
    int charts = 0;
    for (int from = html.indexOf("<svg"); from >= 0; from = html.indexOf("<svg", from + 1)) {
      String svg = html.substring(from, html.indexOf("</svg>", from) + 6);
      assertThat(builder.parse(new InputSource(new StringReader(svg)))).isNotNull();
      charts++;
    }
    assertThat(charts).isEqualTo(6);
    assertThat(html).contains("t = 0.05: 99.0 %", "35.0 %");
    Path copy = Path.of("target/report-example.html"); // to look at
    Files.writeString(copy, html);
  }

  @Test
  void quietRunHasNoSectionsAboutKillsAndLies() throws Exception {
    Measures quiet =
        new Measures(
            TASK,
            "emoji",
            245,
            190,
            List.of("expert-0"),
            List.of(4L),
            List.of(List.of(0.3)),
            List.of(0.6),
            true,
            true,
            null,
            List.of(),
            null,
            Map.of(),
            3,
            3,
            3,
            80,
            20,
            1,
            Map.of(),
            null,
            null,
            null,
            null,
            null,
            null);
    String html = new ReportPage(RunStory.of(List.of()), quiet, png()).html();
    assertThat(html).doesNotContain("liar", "killed</h2>", "What was refused", "Router accuracy");
  }
}
