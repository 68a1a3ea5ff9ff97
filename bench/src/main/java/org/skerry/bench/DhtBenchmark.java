package org.skerry.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.skerry.bench.Report.Row;
import org.skerry.simulation.bootstrap.Bootstrap;
import org.skerry.simulation.eclipse.Eclipse;
import org.skerry.simulation.eclipse.EclipseFigures;

/**
 * A DHT of simulated nodes that run the core of production. Values are read at rest, while nodes
 * come and go, right after many died at once, and while attackers hold all places around a board's
 * key; many networks start all at once; volunteers claim the units of a task. Nodes join through
 * the protocol itself; who is gone is silent, and costs each request to it the whole timeout. Seeds
 * run side by side, each on one thread; ten thousand nodes take about 6 GiB of heap. With a folder
 * as {@code out}, a run that was interrupted goes on where it was.
 *
 * <p>Churn: each node's life is exponential with a median of an hour, and for each that dies a new
 * one, with another id and nothing in its store, joins at once.
 */
final class DhtBenchmark implements Benchmark {
  private static final long MINUTE_MS = 60_000;
  private static final String NOWHERE = "none";

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
        Map.ofEntries(
            Map.entry("nodes", "10000"),
            Map.entry("seeds", "5"),
            Map.entry("reads", "2000"),
            Map.entry("values", "1000"),
            Map.entry("churn", "30"),
            Map.entry("attackers", "60"),
            Map.entry("starts", "200"),
            Map.entry("start-nodes", "1000"),
            Map.entry("units", "64"),
            Map.entry("out", NOWHERE),
            Map.entry("threads", "" + Runtime.getRuntime().availableProcessors())));
  }

  @Override
  public Report run(Options options) throws IOException {
    int nodes = options.number("nodes");
    int seeds = options.number("seeds");
    SideBySide sideBySide =
        new SideBySide(
            options.number("threads"),
            Optional.of(options.text("out")).filter(out -> !out.equals(NOWHERE)).map(Path::of),
            settings(options));
    DhtLookups lookups = new DhtLookups();
    Attacks attacks = new Attacks();
    for (DhtNetwork.Measured measured :
        sideBySide.run(
            "network",
            seeds,
            DhtNetwork.Measured.class,
            seed -> DhtNetwork.measure(seed, options))) {
      lookups.add(measured);
      attacks.add(measured.attacks());
    }
    DhtClaims claims = new DhtClaims(options.number("units"));
    sideBySide.run("claims", seeds, DhtClaims.Measured.class, claims::measure).forEach(claims::add);
    Tally starts = new Tally();
    int startNodes = options.number("start-nodes");
    sideBySide
        .run(
            "start",
            options.number("starts"),
            Integer.class,
            seed -> Bootstrap.parts(seed, startNodes, 2 * MINUTE_MS))
        .forEach(parts -> starts.add(1, parts == 1 ? 1 : 0));
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("nodes", nodes);
    lookups.addTo(figures, nodes);
    attacks.addTo(figures);
    figures.put("starts", starts.of());
    figures.put("starts_split", starts.of() - starts.good());
    claims.addTo(figures);
    List<Row> rows = new ArrayList<>(lookups.rows());
    rows.addAll(attacks.rows(options.number("attackers")));
    rows.add(starts.row(startNodes + " start at once: one network"));
    rows.add(claims.row());
    return new Report(List.of("of", "good", "at least", "median hops", "asked"), rows, figures);
  }

  private static String settings(Options options) {
    Map<String, String> settings = new TreeMap<>(options.values());
    settings.keySet().removeAll(List.of("seeds", "starts", "threads", "out"));
    return settings.toString();
  }

  private static final class Attacks {
    private final Map<Eclipse.Placement, Tally> found = new EnumMap<>(Eclipse.Placement.class);
    private final Map<Eclipse.Placement, Double> among = new EnumMap<>(Eclipse.Placement.class);
    private long forged;

    void add(Map<Eclipse.Placement, EclipseFigures> measured) {
      measured.forEach((placement, figures) -> {
        found.computeIfAbsent(placement, any -> new Tally()).add(figures.reads(), figures.found());
        forged += figures.forgedAccepted();
        among.merge(placement, figures.attackersAmongClosest(), Math::min);
      });
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
}
