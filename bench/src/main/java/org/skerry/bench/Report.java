package org.skerry.bench;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.skerry.bench.Report.Row;

/**
 * What a benchmark measured.
 *
 * @param columns headings of the numbers of a row
 * @param rows for people
 * @param figures for programs: numbers, or maps of numbers
 */
record Report(List<String> columns, List<Row> rows, Map<String, Object> figures) {
  private static final double MIB = 1 << 20;
  private static final double GIB = 1 << 30;

  /** A line of the table. */
  record Row(String label, List<Double> values) {
    static Row of(String label, Double... values) {
      return new Row(label, List.of(values));
    }
  }

  /** A transfer a line, with its rate and its cost. */
  static Report ofTransfers(List<Rounds.Result> results) {
    Map<String, Object> variants = new LinkedHashMap<>();
    for (Rounds.Result result : results) {
      variants.put(
          result.variant(),
          Map.of(
              "mib_per_second", rounded(result.bytes() / MIB / result.seconds()),
              "cpu_seconds_per_gib", rounded(result.cpuSeconds() / (result.bytes() / GIB))));
    }
    return new Report(
        List.of("MiB/s", "CPU-s/GiB"),
        results.stream()
            .map(result ->
                Row.of(
                    result.variant(),
                    result.bytes() / MIB / result.seconds(),
                    result.cpuSeconds() / (result.bytes() / GIB)))
            .toList(),
        Map.of("variants", variants));
  }

  void print(PrintStream out) {
    int width = rows.stream().mapToInt(row -> row.label().length()).max().orElse(0) + 2;
    StringBuilder head = new StringBuilder(" ".repeat(width));
    columns.forEach(column -> head.append("%14s".formatted(column)));
    out.println(head);
    for (Row row : rows) {
      StringBuilder line = new StringBuilder(row.label());
      line.append(" ".repeat(width - row.label().length()));
      row.values().forEach(value -> line.append("%14s".formatted(text(value))));
      out.println(line);
    }
  }

  private static String text(double value) {
    return Double.isNaN(value)
        ? "-"
        : String.format(Locale.ROOT, Math.abs(value) >= 100 ? "%.0f" : "%.3f", value);
  }

  /** To three decimals: more would only be noise. */
  static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
