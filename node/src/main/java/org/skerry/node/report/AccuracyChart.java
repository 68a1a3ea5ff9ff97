package org.skerry.node.report;

import java.util.List;

/** How often a router is right over the noise level, beside who knows nothing but the sizes. */
final class AccuracyChart {
  private static final int WIDTH = 960;
  private static final int HEIGHT = 280;
  private static final int LEFT = 52;
  private static final int BOTTOM = 48;
  private static final double DOT = 4;

  private AccuracyChart() {}

  /**
   * @param byTime shares in equal slices of (0, 1), from data to noise
   * @param prior share that knows nothing of the image
   */
  static String draw(List<Double> byTime, double prior) {
    Axis x = new Axis(0, 1, LEFT, WIDTH - 12);
    Axis y = new Axis(0, 1, HEIGHT - BOTTOM, 12);
    Svg svg = new Svg(WIDTH, HEIGHT, "Router accuracy by noise level");
    for (double tick : y.ticks(5)) {
      svg.line(LEFT, y.at(tick), WIDTH - 12, y.at(tick), "rule");
      svg.text(LEFT - 8, y.at(tick) + 4, "end", "tick", "%.0f %%".formatted(100 * tick));
    }
    for (double tick : x.ticks(10)) {
      svg.text(x.at(tick), HEIGHT - BOTTOM + 18, "middle", "tick", "%.1f".formatted(tick));
    }
    svg.text(x.at(0), HEIGHT - 8, "start", "tick", "t = 0: data");
    svg.text(x.at(1), HEIGHT - 8, "end", "tick", "t = 1: noise");
    svg.path(
        "M%s %sL%s %s"
            .formatted(
                Svg.number(x.at(0)),
                Svg.number(y.at(prior)),
                Svg.number(x.at(1)),
                Svg.number(y.at(prior))),
        "curve c-other",
        "the largest partition: " + percent(prior));
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < byTime.size(); i++) {
      line.append(line.isEmpty() ? 'M' : 'L')
          .append(Svg.number(x.at(time(i, byTime))))
          .append(' ')
          .append(Svg.number(y.at(byTime.get(i))));
    }
    svg.path(line.toString(), "curve c-accent", "");
    for (int i = 0; i < byTime.size(); i++) {
      svg.circle(
          x.at(time(i, byTime)),
          y.at(byTime.get(i)),
          DOT,
          "bar c-accent",
          "t = %.2f: %s".formatted(time(i, byTime), percent(byTime.get(i))));
    }
    return svg.end();
  }

  private static double time(int slice, List<Double> byTime) {
    return (slice + 0.5) / byTime.size();
  }

  private static String percent(double share) {
    return "%.1f %%".formatted(100 * share);
  }
}
