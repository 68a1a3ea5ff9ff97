package org.skerry.bench;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/** The command behind {@code bench/run}. */
public final class Bench {
  private static final List<Benchmark> BENCHMARKS =
      List.of(
          new StreamBenchmark(),
          new HandshakeBenchmark(),
          new BlobBenchmark(),
          new DhtBenchmark(),
          new RecordStoreBenchmark(),
          new ClusterBenchmark(),
          new LoaderBenchmark(),
          new TrainStepBenchmark(),
          new CheckpointStallBenchmark(),
          new EnsembleBenchmark(),
          new DdmBenchmark());

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
    Map<String, String> options = new LinkedHashMap<>(found.get().options());
    for (String argument : arguments.subList(1, arguments.size())) {
      String[] parts = argument.split("=", 2);
      String option = parts[0].replaceFirst("^--", "");
      String standard = options.get(option);
      if (parts.length != 2 || standard == null || !isAlike(standard, parts[1])) {
        err.println("error: '" + argument + "' is not one of " + usage(found.get()));
        return 2;
      }
      options.put(option, parts[1]);
    }
    Report report = found.get().run(new Options(options));
    report.print(out);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("benchmark", name);
    result.put("options", options);
    result.putAll(report.figures());
    result.put("cores", Runtime.getRuntime().availableProcessors());
    result.put("java", Runtime.version().toString());
    out.println(JsonMapper.builder().build().writeValueAsString(result));
    return 0;
  }

  private static boolean isAlike(String standard, String value) {
    return !standard.matches("\\d+") || value.matches("[1-9]\\d{0,6}");
  }

  private static void list(PrintStream out) {
    for (Benchmark benchmark : BENCHMARKS) {
      out.printf("%-16s %s (%s)%n", benchmark.name(), benchmark.about(), usage(benchmark));
    }
  }

  private static String usage(Benchmark benchmark) {
    StringBuilder usage = new StringBuilder();
    benchmark.options().forEach((name, value) -> usage.append(" --" + name + "=" + value));
    return usage.toString().strip();
  }
}
