package org.skerry.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.skerry.bench.Report.Row;
import org.skerry.simulation.SimulatedDht;

/** Reads of values from random nodes. */
final class DhtLookups {
  private final ReadTally rest = new ReadTally();
  private final ReadTally churn = new ReadTally();
  private final ReadTally after30 = new ReadTally();
  private final ReadTally after50 = new ReadTally();
  private double cpuSeconds;
  private double nodeHours;

  void add(DhtNetwork.Measured measured) {
    rest.add(measured.rest());
    churn.add(measured.churn());
    after30.add(measured.after30());
    after50.add(measured.after50());
    cpuSeconds += measured.cpuSeconds();
    nodeHours += measured.nodeHours();
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
}
