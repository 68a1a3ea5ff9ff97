package org.skerry.node.report;

import java.util.List;
import java.util.Map;
import org.skerry.node.report.RunStory.LossPoint;

/** The training loss of every unit over the run's time, smoothed, with the raw values behind. */
final class LossChart {
  private static final int WIDTH = 960;
  private static final int HEIGHT = 320;
  private static final int LEFT = 52;
  private static final int BOTTOM = 36;
  private static final double SMOOTHING = 0.9;

  private LossChart() {}

  static String draw(Map<String, List<LossPoint>> losses, double seconds, Palette palette) {
    double top =
        losses.values().stream()
            .flatMap(List::stream)
            .mapToDouble(LossPoint::loss)
            .filter(Double::isFinite)
            .max()
            .orElse(1);
    Axis x = new Axis(0, seconds, LEFT, WIDTH - 12);
    Axis y = new Axis(0, Math.min(top, 2.5) * 1.05, HEIGHT - BOTTOM, 12);
    Svg svg = new Svg(WIDTH, HEIGHT, "Training loss of every unit over time");
    for (double tick : y.ticks(5)) {
      svg.line(LEFT, y.at(tick), WIDTH - 12, y.at(tick), "rule");
      svg.text(LEFT - 8, y.at(tick) + 4, "end", "tick", "%.2f".formatted(tick));
    }
    for (double tick : x.ticks(8)) {
      svg.text(x.at(tick), HEIGHT - 14, "middle", "tick", "%.0f s".formatted(tick));
    }
    losses.forEach((unit, points) -> {
      String colour = palette.of(unit);
      svg.path(polyline(points, x, y, 0), "raw " + colour, "");
      svg.path(polyline(points, x, y, SMOOTHING), "curve " + colour, unit);
    });
    return svg.end();
  }

  /** An exponential average with {@code smoothing}, corrected for its start. */
  private static String polyline(List<LossPoint> points, Axis x, Axis y, double smoothing) {
    StringBuilder data = new StringBuilder();
    double average = 0;
    double weight = 0;
    for (LossPoint point : points) {
      if (!Double.isFinite(point.loss())) {
        continue;
      }
      average = smoothing * average + (1 - smoothing) * point.loss();
      weight = smoothing * weight + (1 - smoothing);
      double shown = Math.min(average / weight, y.max());
      data.append(data.isEmpty() ? 'M' : 'L')
          .append(Svg.number(x.at(point.atSeconds())))
          .append(' ')
          .append(Svg.number(y.at(shown)));
    }
    return data.isEmpty() ? "M0 0" : data.toString();
  }
}
