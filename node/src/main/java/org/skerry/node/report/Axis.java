package org.skerry.node.report;

import java.util.ArrayList;
import java.util.List;

/** Maps values to positions and chooses round tick marks. */
record Axis(double min, double max, double from, double to) {
  Axis {
    if (!(max > min)) {
      max = min + 1;
    }
  }

  double at(double value) {
    return from + (value - min) / (max - min) * (to - from);
  }

  /** About {@code wanted} ticks at 1, 2 or 5 times a power of ten. */
  List<Double> ticks(int wanted) {
    double rough = (max - min) / wanted;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double step = power;
    for (double factor : new double[] {1, 2, 5, 10}) {
      step = factor * power;
      if (step >= rough) {
        break;
      }
    }
    List<Double> ticks = new ArrayList<>();
    for (double tick = Math.ceil(min / step) * step; tick <= max + step * 1e-9; tick += step) {
      ticks.add(tick);
    }
    return ticks;
  }
}
