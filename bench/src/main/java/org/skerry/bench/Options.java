package org.skerry.bench;

import java.util.Map;
import java.util.Objects;

/** What a benchmark was asked for: every option it knows has a value. */
record Options(Map<String, String> values) {
  Options {
    values = Map.copyOf(values);
  }

  String text(String name) {
    return Objects.requireNonNull(values.get(name), name);
  }

  int number(String name) {
    return Integer.parseInt(text(name));
  }
}
