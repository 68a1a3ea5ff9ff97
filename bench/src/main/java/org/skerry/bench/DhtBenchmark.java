package org.skerry.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.skerry.bench.Report.Row;
import org.skerry.simulation.bootstrap.Bootstrap;
import org.skerry.simulation.eclipse.Eclipse;
import org.skerry.simulation.eclipse.EclipseFigures;

/**
 * A DHT of simulated nodes that run the core of production. Values are read at rest, while nodes
 * come and go, right after many died at once, and while attackers hold all places around a board's
 * key; many networks start all at once; volunteers claim the units of a task. Nodes join through
 * the protocol itself; who is gone is silent, and costs each request to it the whole timeout.
 *
 * <p>Churn: each node's life is exponential with a median of an hour, and for each that dies a new
 * one, with another id and nothing in its store, joins at once.
 */
final class DhtBenchmark implements Benchmark {
  private static final long MINUTE_MS = 60_000;

  @Override
  public String name() {
    return "dht-sim";
  }

  @Override
  public String about() {
    return "lookups, attacks, starts and claims in a simulated network of many nodes";
  }

  @Override
  public Map<String, String> options() {
    return new TreeMap<>(
        Map.of(
            "nodes", "10000",
            "seeds", "5",
            "reads", "2000",
            "values", "1000",
            "churn", "30",
            "attackers", "60",
            "starts", "200",
            "start-nodes", "1000",
            "units", "64"));
  }

  @Override
  public Report run(Options options) {
    int nodes = options.number("nodes");
    int seeds = options.number("seeds");
    long startNanos = System.nanoTime();
    DhtLookups lookups = new DhtLookups();
    Attacks attacks = new Attacks();
    DhtClaims claims = new DhtClaims(options.number("units"));
    for (int seed = 1; seed <= seeds; seed++) {
      lookups.measure(seed, options);
      attacks.measure(seed, nodes, options.number("attackers"), options.number("reads"));
      claims.measure(seed);
      progress("seed " + seed, startNanos);
    }
    Starts starts = new Starts();
    for (int seed = 1; seed <= options.number("starts"); seed++) {
      starts.measure(seed, options.number("start-nodes"));
    }
    progress("all", startNanos);
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("nodes", nodes);
    lookups.addTo(figures, nodes);
    attacks.addTo(figures);
    starts.addTo(figures);
    claims.addTo(figures);
    List<Row> rows = new ArrayList<>(lookups.rows());
    rows.addAll(attacks.rows(options.number("attackers")));
    rows.add(starts.whole.row(options.number("start-nodes") + " start at once: one network"));
    rows.add(claims.row());
    return new Report(List.of("of", "good", "at least", "median hops", "asked"), rows, figures);
  }

  private static void progress(String what, long sinceNanos) {
    System.err.printf("%s after %.0f s%n", what, (System.nanoTime() - sinceNanos) / 1e9);
  }

  private static final class Attacks {
    private final Map<Eclipse.Placement, Tally> found = new EnumMap<>(Eclipse.Placement.class);
    private final Map<Eclipse.Placement, Double> among = new EnumMap<>(Eclipse.Placement.class);
    private long forged;

    void measure(int seed, int nodes, int attackers, int reads) {
      for (Eclipse.Placement placement : Eclipse.Placement.values()) {
        EclipseFigures figures = Eclipse.run(seed, nodes, attackers, reads, placement);
        found.computeIfAbsent(placement, any -> new Tally()).add(figures.reads(), figures.found());
        forged += figures.forgedAccepted();
        among.merge(placement, figures.attackersAmongClosest(), Math::min);
      }
    }

    List<Row> rows(int attackers) {
      return found.entrySet().stream()
          .map(entry -> entry.getValue().row(attackers + " attackers, " + name(entry.getKey())))
          .toList();
    }

    private static String name(Eclipse.Placement placement) {
      return placement.name().toLowerCase(Locale.ROOT);
    }

    /** The figure of both placements is the worse one. */
    void addTo(Map<String, Object> figures) {
      figures.put(
          "eclipse_found",
          found.values().stream().min(Comparator.comparing(Tally::share)).orElseThrow().exact());
      figures.put("forged_accepted", forged);
      among.forEach((placement, number) ->
          figures.put(
              "eclipse_" + name(placement) + "_attackers_among_20_closest",
              Report.rounded(number)));
    }
  }

  private static final class Starts {
    private final Tally whole = new Tally();

    void measure(int seed, int nodes) {
      whole.add(1, Bootstrap.parts(seed, nodes, 2 * MINUTE_MS) == 1 ? 1 : 0);
    }

    void addTo(Map<String, Object> figures) {
      figures.put("starts", whole.of());
      figures.put("starts_split", whole.of() - whole.good());
    }
  }
}
