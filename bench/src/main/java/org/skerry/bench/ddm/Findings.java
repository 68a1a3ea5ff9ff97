package org.skerry.bench.ddm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What all runs together say.
 *
 * @param classifierAccuracy of the classifier whose features the distances are of
 */
public record Findings(Plan plan, double classifierAccuracy, List<RunResult> runs) {
  public Findings {
    runs = List.copyOf(runs);
  }

  /** Sides that have a loss, in the order of a table. */
  static List<String> sides() {
    List<String> sides = new ArrayList<>(Experiment.SAMPLED);
    sides.add(1, Experiment.ORACLE);
    return sides;
  }

  Estimate over(Function<RunResult, Double> value) {
    return Estimate.of(runs.stream().map(value).toList());
  }

  Estimate loss(String side) {
    return over(run -> run.meanLosses().getOrDefault(side, Double.NaN));
  }

  /** How much more than the monolith's of the same run: runs share much of their luck. */
  Estimate lossOverMonolith(String side) {
    String monolith = sides().getFirst();
    return over(run ->
        run.meanLosses().getOrDefault(side, Double.NaN)
            - run.meanLosses().getOrDefault(monolith, Double.NaN));
  }

  Estimate frechet(String side) {
    return over(run -> run.frechet().getOrDefault(side, Double.NaN));
  }

  Estimate frechetOverMonolith(String side) {
    String monolith = sides().getFirst();
    return over(run ->
        run.frechet().getOrDefault(side, Double.NaN)
            - run.frechet().getOrDefault(monolith, Double.NaN));
  }

  /** One line a side: loss, its interval, difference from the monolith's; and so for distances. */
  public Map<String, List<Double>> table() {
    Map<String, List<Double>> out = new LinkedHashMap<>();
    for (String side : sides()) {
      List<Double> line = new ArrayList<>();
      for (Estimate estimate :
          List.of(loss(side), lossOverMonolith(side), frechet(side), frechetOverMonolith(side))) {
        line.add(estimate.mean());
        line.add(estimate.half());
      }
      out.put(side, line);
    }
    Estimate floor = over(RunResult::frechetFloor);
    out.put(
        "training images",
        List.of(
            Double.NaN,
            Double.NaN,
            Double.NaN,
            Double.NaN,
            floor.mean(),
            floor.half(),
            Double.NaN,
            Double.NaN));
    return out;
  }

  /** For programs. */
  public Map<String, Object> figures() {
    Map<String, Object> out = new LinkedHashMap<>();
    for (String side : sides()) {
      put(out, "loss_" + key(side), loss(side));
    }
    for (String side : Experiment.SAMPLED) {
      put(out, "frechet_" + key(side), frechet(side));
    }
    put(out, "frechet_floor", over(RunResult::frechetFloor));
    put(out, "router_accuracy", over(RunResult::meanRouterAccuracy));
    for (String side : Experiment.SAMPLED.subList(1, Experiment.SAMPLED.size())) {
      put(
          out,
          "correlation_same_noise_" + key(side),
          over(run -> run.sameNoise().getOrDefault(side, Double.NaN)));
      put(
          out,
          "correlation_other_noise_" + key(side),
          over(run -> run.otherNoise().getOrDefault(side, Double.NaN)));
    }
    out.put("classifier_accuracy", rounded(classifierAccuracy));
    out.put("training_flops_a_side", plan.flops());
    out.put("runs", runs.size());
    return out;
  }

  private static void put(Map<String, Object> out, String name, Estimate estimate) {
    out.put(name, rounded(estimate.mean()));
    if (!Double.isNaN(estimate.half())) {
      out.put(name + "_interval", rounded(estimate.half()));
    }
  }

  private static double rounded(double value) {
    return Math.round(value * 1e5) / 1e5;
  }

  private static String key(String side) {
    return side.replace("-", "");
  }
}
