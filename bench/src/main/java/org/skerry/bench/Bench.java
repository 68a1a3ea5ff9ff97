package org.skerry.bench;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.skerry.bench.Benchmark.Row;
import tools.jackson.databind.json.JsonMapper;

/** The command behind {@code bench/run}. */
public final class Bench {
  private static final List<Benchmark> BENCHMARKS =
      List.of(new StreamsBenchmark(), new TransferBenchmark());

  private Bench() {}

  public static void main(String[] arguments) throws Exception {
    System.exit(run(List.of(arguments), System.out, System.err));
  }

  static int run(List<String> arguments, PrintStream out, PrintStream err) throws Exception {
    if (arguments.isEmpty()) {
      list(out);
      return 0;
    }
    String name = arguments.getFirst();
    Optional<Benchmark> found =
        BENCHMARKS.stream().filter(benchmark -> benchmark.name().equals(name)).findFirst();
    if (found.isEmpty()) {
      err.println("error: there is no benchmark '" + name + "'; bench/run lists them");
      return 2;
    }
    Map<String, Integer> options = new LinkedHashMap<>(found.get().options());
    for (String argument : arguments.subList(1, arguments.size())) {
      String[] parts = argument.split("=", 2);
      String option = parts[0].replaceFirst("^--", "");
      if (parts.length != 2 || !options.containsKey(option) || !parts[1].matches("[1-9]\\d{0,5}")) {
        err.println("error: '" + argument + "' is not one of " + usage(found.get()));
        return 2;
      }
      options.put(option, Integer.parseInt(parts[1]));
    }
    report(name, options, found.get().run(options), out);
    return 0;
  }

  private static void list(PrintStream out) {
    for (Benchmark benchmark : BENCHMARKS) {
      out.printf("%-12s %s (%s)%n", benchmark.name(), benchmark.about(), usage(benchmark));
    }
  }

  private static String usage(Benchmark benchmark) {
    StringBuilder usage = new StringBuilder();
    benchmark.options().forEach((name, value) -> usage.append(" --" + name + "=" + value));
    return usage.substring(1);
  }

  private static void report(
      String name, Map<String, Integer> options, List<Row> rows, PrintStream out) {
    out.printf("%-24s %10s %12s%n", "", "MiB/s", "CPU-s/GiB");
    Map<String, Object> variants = new LinkedHashMap<>();
    for (Row row : rows) {
      out.printf(
          Locale.ROOT,
          "%-24s %10.0f %12.2f%n",
          row.variant(),
          row.mibPerSecond(),
          row.cpuSecondsPerGib());
      variants.put(
          row.variant(),
          Map.of(
              "mib_per_second", rounded(row.mibPerSecond()),
              "cpu_seconds_per_gib", rounded(row.cpuSecondsPerGib())));
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("benchmark", name);
    result.put("options", options);
    result.put("variants", variants);
    result.put("cores", Runtime.getRuntime().availableProcessors());
    result.put("java", Runtime.version().toString());
    out.println(JsonMapper.builder().build().writeValueAsString(result));
  }

  private static double rounded(double value) {
    return Math.round(value * 100) / 100.0;
  }
}
