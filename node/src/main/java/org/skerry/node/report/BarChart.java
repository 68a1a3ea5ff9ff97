package org.skerry.node.report;

import java.util.List;

/** Horizontal bars with their values. */
final class BarChart {
  private static final int WIDTH = 460;
  private static final int LEFT = 150;
  private static final int ROW = 34;

  /** One bar: its name, its length, what is written beside it, and its colour class. */
  record Bar(String name, double value, String text, String style) {}

  private BarChart() {}

  static String draw(String label, List<Bar> bars) {
    double longest = bars.stream().mapToDouble(Bar::value).max().orElse(1);
    Axis x = new Axis(0, longest, LEFT, WIDTH - 70);
    Svg svg = new Svg(WIDTH, bars.size() * ROW + 8, label);
    for (int i = 0; i < bars.size(); i++) {
      Bar bar = bars.get(i);
      double y = i * ROW + 4;
      svg.text(LEFT - 10, y + 19, "end", "label", bar.name());
      svg.rect(LEFT, y + 4, x.at(bar.value()) - LEFT, ROW - 12, "bar " + bar.style(), bar.text());
      svg.text(x.at(bar.value()) + 8, y + 19, "start", "tick", bar.text());
    }
    return svg.end();
  }
}
