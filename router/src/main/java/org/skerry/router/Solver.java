package org.skerry.router;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** How a sampler gets from one time to the next. */
public enum Solver {
  /** {@code x ← x + (t' - t) v}: first order, one evaluation a step. */
  EULER,

  /**
   * Euler's step corrected by the velocity at its end: second order, two evaluations a step but the
   * last, which ends where velocities of straight paths do.
   */
  HEUN,

  /**
   * DPM-Solver++(2M) (Lu et al., arXiv 2211.01095, algorithm 2) on the straight path, {@code α = 1
   * - t}, {@code σ = t}: second order from the data predictions {@code x - t v} of two steps, one
   * evaluation a step.
   */
  DPM_2M;

  /** How a user writes it: {@code euler}, {@code heun}, {@code dpm-2m}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What image tools call it. */
  public String publishedName() {
    return switch (this) {
      case EULER -> "Euler";
      case HEUN -> "Heun";
      case DPM_2M -> "DPM++ 2M";
    };
  }

  /** The solver that {@link #text} names. */
  public static Solver parse(String text) {
    return Arrays.stream(values())
        .filter(solver -> solver.text().equals(text))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException("solver '" + text + "' is not known: use " + known()));
  }

  private static String known() {
    return Arrays.stream(values()).map(Solver::text).collect(Collectors.joining(", "));
  }

  /** Evaluations of the field in {@code steps} steps. */
  public int evaluations(int steps) {
    return this == HEUN ? 2 * steps - 1 : steps;
  }

  /**
   * What a solver remembers between steps.
   *
   * @param data that was predicted
   * @param time at which
   */
  record Prediction(NDArray data, double time) {}

  /** Evaluates the field; its result lives as long as the step. */
  @FunctionalInterface
  interface Field {
    NDArray at(NDArray x, double t);
  }

  /** Where a step ends, and what the next one wants to know. */
  record Step(NDArray x, Optional<Prediction> prediction) {}

  /** From {@code x} at {@code from} to {@code to}, which is less. */
  Step step(Field field, NDArray x, double from, double to, Optional<Prediction> before) {
    NDArray v = field.at(x, from);
    float down = (float) (to - from);
    return switch (this) {
      case EULER -> new Step(x.add(v.mul(down)), Optional.empty());
      case HEUN -> {
        NDArray end = x.add(v.mul(down));
        yield new Step(
            to == 0 ? end : x.add(v.add(field.at(end, to)).mul(down / 2)), Optional.empty());
      }
      case DPM_2M -> multistep(x, v, from, to, before);
    };
  }

  /** {@code x' = σ'/σ x - α' (e^{-h} - 1) d}, {@code h} the gain in log signal-to-noise ratio. */
  private static Step multistep(
      NDArray x, NDArray v, double from, double to, Optional<Prediction> before) {
    NDArray data = x.sub(v.mul((float) from));
    double h = logSnr(to) - logSnr(from);
    NDArray d = data;
    // At t = 1 and t = 0 the ratio is infinite, and the step is of first order there.
    if (before.isPresent() && before.get().time() < 1 && to > 0) {
      double r = (logSnr(from) - logSnr(before.get().time())) / h;
      float weight = (float) (1 / (2 * r));
      d = data.mul(1 + weight).sub(before.get().data().mul(weight));
    }
    double toData = (1 - to) * -Math.expm1(-h);
    return new Step(
        x.mul((float) (to / from)).add(d.mul((float) toData)),
        Optional.of(new Prediction(data, from)));
  }

  private static double logSnr(double t) {
    return Math.log((1 - t) / t);
  }
}
