package org.skerry.node.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/** Gives every unit one of the page's eight colours, the same in all charts. */
final class Palette {
  private static final int COLOURS = 8;

  private final List<String> units;

  Palette(Collection<String> units) {
    this.units = new ArrayList<>(new TreeSet<>(units));
  }

  String of(String unit) {
    int index = units.indexOf(unit);
    return index < 0 ? "c-other" : "c" + index % COLOURS;
  }

  List<String> units() {
    return units;
  }
}
