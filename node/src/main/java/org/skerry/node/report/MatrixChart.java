package org.skerry.node.report;

import java.util.List;

/**
 * The K × K matrix of expert losses: each column is shaded on its own scale, since partitions
 * differ in how hard they are; the column's best expert is framed.
 */
final class MatrixChart {
  private static final int LEFT = 96;
  private static final int TOP = 30;

  private MatrixChart() {}

  static String draw(Measures measures) {
    int size = measures.units().size();
    int cell = Math.max(40, Math.min(86, 420 / Math.max(1, size)));
    int rows = size + 1;
    Svg svg =
        new Svg(
            LEFT + size * cell + 8,
            TOP + rows * cell * 3 / 5 + 16,
            "Loss of each expert on each partition");
    double height = cell * 0.6;
    for (int column = 0; column < size; column++) {
      svg.text(LEFT + (column + 0.5) * cell, TOP - 10, "middle", "tick", "part " + column);
    }
    for (int row = 0; row < size; row++) {
      svg.text(LEFT - 10, TOP + (row + 0.6) * height, "end", "label", measures.units().get(row));
      for (int column = 0; column < size; column++) {
        cell(svg, measures, row, column, cell, height);
      }
    }
    svg.text(LEFT - 10, TOP + (size + 0.6) * height + 8, "end", "tick", "Gaussian");
    for (int column = 0; column < measures.gaussianLoss().size(); column++) {
      svg.text(
          LEFT + (column + 0.5) * cell,
          TOP + (size + 0.6) * height + 8,
          "middle",
          "tick",
          "%.3f".formatted(measures.gaussianLoss().get(column)));
    }
    return svg.end();
  }

  private static void cell(
      Svg svg, Measures measures, int row, int column, int width, double height) {
    List<Double> values = measures.lossMatrix().stream().map(losses -> losses.get(column)).toList();
    double best = values.stream().min(Double::compare).orElse(0.0);
    double worst = values.stream().max(Double::compare).orElse(1.0);
    double value = values.get(row);
    int shade = worst > best ? (int) Math.round(9 * (value - best) / (worst - best)) : 0;
    double x = LEFT + column * width + 2;
    double y = TOP + row * height + 2;
    svg.rect(
        x,
        y,
        width - 4,
        height - 4,
        "heat h" + shade + (value == best ? " best" : ""),
        "%s on partition %d: %.4f".formatted(measures.units().get(row), column, value));
    svg.text(
        x + width / 2.0 - 2,
        y + height / 2 + 2,
        "middle",
        shade < 4 ? "on-heat" : "tick",
        "%.3f".formatted(value));
  }
}
