package org.skerry.bench;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.skerry.bench.Report.Row;
import org.skerry.dht.DhtConfig;
import org.skerry.simulation.HashedNamespace;
import org.skerry.simulation.SimulatedDht;
import org.skerry.simulation.Simulation;

/**
 * Reads values of a DHT of simulated nodes that run the core of production: at rest, while nodes
 * come and go, and right after many died at once. Nodes join through the protocol itself, one after
 * another; who is gone is silent, and costs each request to it the whole timeout.
 *
 * <p>Churn: each node's life is exponential with a median of an hour, and for each that dies a new
 * one, with another id and nothing in its store, joins at once.
 */
final class DhtBenchmark implements Benchmark {
  private static final long MINUTE_MS = 60_000;
  private static final double MEDIAN_LIFE_MS = 60.0 * MINUTE_MS;
  private static final int READS_A_SECOND = 20;

  /** z of a one-sided bound of 97.5 %, as the lower end of a 95 % interval is. */
  private static final double Z = 1.96;

  @Override
  public String name() {
    return "dht-sim";
  }

  @Override
  public String about() {
    return "lookups of a simulated DHT at rest, under churn, and after many nodes died at once";
  }

  @Override
  public Map<String, String> options() {
    return new TreeMap<>(
        Map.of("nodes", "10000", "seeds", "5", "reads", "2000", "values", "1000", "churn", "30"));
  }

  /** What all seeds found together. */
  private static final class Tally {
    private int asked;
    private int found;
    private final List<Integer> hops = new ArrayList<>();
    private final List<Integer> queries = new ArrayList<>();

    void add(SimulatedDht.Found found) {
      asked += found.asked();
      this.found += found.found();
      hops.addAll(found.hops());
      queries.addAll(found.queries());
    }

    double share() {
      return found / (double) asked;
    }

    /** Wilson's interval. */
    double lowerBound() {
      double p = share();
      double square = Z * Z / asked;
      double centre = p + square / 2;
      double half = Math.sqrt(p * (1 - p) * square + square * square / 4);
      return (centre - half) / (1 + square);
    }

    Row row(String label) {
      return Row.of(label, (double) asked, share(), lowerBound(), median(hops), median(queries));
    }

    private static double median(List<Integer> numbers) {
      return Median.of(numbers.stream().map(Integer::doubleValue).toList());
    }
  }

  @Override
  public Report run(Options options) {
    int nodes = options.number("nodes");
    Tally rest = new Tally();
    Tally churn = new Tally();
    Tally after30 = new Tally();
    Tally after50 = new Tally();
    long startNanos = System.nanoTime();
    for (int seed = 1; seed <= options.number("seeds"); seed++) {
      World world = new World(seed, nodes, options.number("values"));
      long restNanos = System.nanoTime();
      rest.add(world.read(options.number("reads")));
      progress(seed, "at rest", restNanos);
      long churnNanos = System.nanoTime();
      churn.add(world.churn(options.number("churn") * MINUTE_MS, options.number("reads")));
      progress(seed, "churn", churnNanos);
      after30.add(new World(seed, nodes, options.number("values")).kill(0.3, options));
      after50.add(new World(seed, nodes, options.number("values")).kill(0.5, options));
      progress(seed, "all", startNanos);
    }
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("nodes", nodes);
    figures.put("median_hops", Tally.median(rest.hops));
    figures.put("median_queries", Tally.median(rest.queries));
    figures.put("log2_nodes_over_k", Report.rounded(Math.log(nodes / 20.0) / Math.log(2)));
    figures.put("lookup_success", exact(rest));
    figures.put("lookup_success_churn", exact(churn));
    figures.put("lookup_success_after_30", exact(after30));
    figures.put("lookup_success_after_50", exact(after50));
    return new Report(
        List.of("reads", "found", "at least", "median hops", "asked"),
        List.of(
            rest.row("at rest"),
            churn.row("churn, median life 1 h"),
            after30.row("30 % died at once"),
            after50.row("50 % died at once")),
        figures);
  }

  private static void progress(int seed, String what, long sinceNanos) {
    System.err.printf("seed %d: %s, %.0f s%n", seed, what, (System.nanoTime() - sinceNanos) / 1e9);
  }

  private static Map<String, Double> exact(Tally tally) {
    return Map.of("found", round(tally.share()), "at_least", round(tally.lowerBound()));
  }

  private static double round(double share) {
    return Math.round(share * 1e5) / 1e5;
  }

  /** A network that has settled and holds values. */
  private static final class World {
    private final SimulatedDht dht;
    private final List<Map.Entry<byte[], byte[]>> values = new ArrayList<>();

    World(long seed, int nodes, int count) {
      dht =
          new SimulatedDht(
              new Simulation(seed), DhtConfig.defaults(), Map.of("hashed", new HashedNamespace()));
      dht.grow(nodes, 10 * MINUTE_MS);
      for (int i = 0; i < count; i++) {
        byte[] value = ("value " + i).getBytes(StandardCharsets.UTF_8);
        byte[] key = HashedNamespace.keyOf(value);
        values.add(Map.entry(key, value));
        dht.put(dht.randomNode(), key, value);
        dht.simulation().runFor(50);
      }
      dht.simulation().runFor(MINUTE_MS);
    }

    SimulatedDht.Found read(int count) {
      return dht.read(values, count, READS_A_SECOND);
    }

    SimulatedDht.Found kill(double share, Options options) {
      dht.kill(share);
      return read(options.number("reads"));
    }

    /** Reads in the last part of a time in which nodes come and go. */
    SimulatedDht.Found churn(long forMs, int count) {
      scheduleDeath(dht.simulation().nowMs() + forMs + count * 1000L / READS_A_SECOND);
      dht.simulation().runFor(forMs);
      return read(count);
    }

    private void scheduleDeath(long untilMs) {
      // Of many exponential lives, the next one ends after an exponential time as well.
      double meanMs = MEDIAN_LIFE_MS / Math.log(2) / dht.live().size();
      long inMs = Math.round(-meanMs * Math.log(1 - dht.simulation().random().nextDouble()));
      dht.simulation()
          .after(
              inMs,
              () -> {
                if (dht.simulation().nowMs() < untilMs) {
                  dht.kill(dht.randomNode());
                  dht.join();
                  scheduleDeath(untilMs);
                }
              });
    }
  }
}
