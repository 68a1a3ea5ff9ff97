package org.skerry.node.demo;

import java.util.ArrayList;
import java.util.List;

/** Names for volunteers: people remember them better than numbers. */
final class Names {
  private static final List<String> FIRST =
      List.of(
          "anna", "bjorn", "carla", "dmitri", "elif", "farid", "greta", "hiro", "ines", "jonas");

  private Names() {}

  static List<String> of(int count) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add(FIRST.get(i % FIRST.size()) + (i < FIRST.size() ? "" : "-" + i / FIRST.size()));
    }
    return names;
  }
}
