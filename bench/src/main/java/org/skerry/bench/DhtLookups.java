package org.skerry.bench;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.skerry.bench.Report.Row;
import org.skerry.dht.DhtConfig;
import org.skerry.simulation.HashedNamespace;
import org.skerry.simulation.SimulatedDht;
import org.skerry.simulation.Simulation;

/** Reads of values from random nodes. */
final class DhtLookups {
  private static final long MINUTE_MS = 60_000;
  private static final double MEDIAN_LIFE_MS = 60.0 * MINUTE_MS;
  private static final int READS_A_SECOND = 20;

  private final ReadTally rest = new ReadTally();
  private final ReadTally churn = new ReadTally();
  private final ReadTally after30 = new ReadTally();
  private final ReadTally after50 = new ReadTally();
  private double cpuSeconds;
  private double nodeHours;

  void measure(int seed, Options options) {
    int nodes = options.number("nodes");
    int reads = options.number("reads");
    double cpuBefore = Cpu.seconds();
    World world = new World(seed, nodes, options.number("values"));
    rest.add(world.read(reads));
    churn.add(world.churn(options.number("churn") * MINUTE_MS, reads));
    cpuSeconds += Cpu.seconds() - cpuBefore;
    nodeHours += nodes * world.hours();
    after30.add(new World(seed, nodes, options.number("values")).kill(0.3, reads));
    after50.add(new World(seed, nodes, options.number("values")).kill(0.5, reads));
  }

  List<Row> rows() {
    return List.of(
        rest.row("at rest"),
        churn.row("churn, median life 1 h"),
        after30.row("30 % died at once"),
        after50.row("50 % died at once"));
  }

  void addTo(Map<String, Object> figures, int nodes) {
    figures.put("median_hops", rest.medianHops());
    figures.put("median_queries", rest.medianQueries());
    figures.put("log2_nodes_over_k", Report.rounded(Math.log(nodes / 20.0) / Math.log(2)));
    figures.put("lookup_success", rest.exact());
    figures.put("lookup_success_churn", churn.exact());
    figures.put("lookup_success_after_30", after30.exact());
    figures.put("lookup_success_after_50", after50.exact());
    figures.put("cpu_seconds_per_node_hour", Report.rounded(cpuSeconds / nodeHours));
  }

  private static final class ReadTally extends Tally {
    private final List<Double> hops = new ArrayList<>();
    private final List<Double> queries = new ArrayList<>();

    void add(SimulatedDht.Found found) {
      add(found.asked(), found.found());
      found.hops().forEach(n -> hops.add((double) n));
      found.queries().forEach(n -> queries.add((double) n));
    }

    @Override
    double medianHops() {
      return Median.of(hops);
    }

    @Override
    double medianQueries() {
      return Median.of(queries);
    }
  }

  /** A network that has settled and holds values. */
  private static final class World {
    private final SimulatedDht dht;
    private final long beganMs;
    private final List<Map.Entry<byte[], byte[]>> values = new ArrayList<>();

    World(long seed, int nodes, int count) {
      Simulation simulation = new Simulation(seed);
      beganMs = simulation.nowMs();
      dht =
          new SimulatedDht(
              simulation, DhtConfig.defaults(), Map.of("hashed", new HashedNamespace()));
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

    double hours() {
      return (dht.simulation().nowMs() - beganMs) / (60.0 * MINUTE_MS);
    }

    SimulatedDht.Found read(int count) {
      return dht.read(values, count, READS_A_SECOND);
    }

    SimulatedDht.Found kill(double share, int count) {
      dht.kill(share);
      return read(count);
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
