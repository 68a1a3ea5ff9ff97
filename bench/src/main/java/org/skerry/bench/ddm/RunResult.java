package org.skerry.bench.ddm;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one run of both sides gave.
 *
 * @param settings of the run: a result of others is not used
 * @param losses on held-out images at each of {@link Measures#TIMES}, by side
 * @param frechet of each side's images from held-out ones
 * @param frechetFloor of as many training images
 * @param routerAccuracy at each of the times
 * @param sameNoise correlation of the monolith's images with each strategy's from the same noise
 * @param otherNoise the same from other noise
 */
record RunResult(
    String settings,
    Map<String, List<Double>> losses,
    Map<String, Double> frechet,
    double frechetFloor,
    List<Double> routerAccuracy,
    Map<String, Double> sameNoise,
    Map<String, Double> otherNoise) {
  /** The mean over all times, by side. */
  Map<String, Double> meanLosses() {
    Map<String, Double> out = new LinkedHashMap<>();
    losses.forEach((side, levels) ->
        out.put(side, levels.stream().mapToDouble(v -> v).average().orElseThrow()));
    return out;
  }

  double meanRouterAccuracy() {
    return routerAccuracy.stream().mapToDouble(v -> v).average().orElseThrow();
  }
}
