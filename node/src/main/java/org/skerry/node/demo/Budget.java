package org.skerry.node.demo;

/**
 * Chooses how long to train so that the whole fits its minutes. Everything is measured in samples
 * that pass through an expert; the router's cost less.
 */
record Budget(long steps, long routerSteps, long manifestMs) {
  /**
   * Small: at a few hundred images a second, twice the steps at half the batch learn more from the
   * same images.
   */
  static final int BATCH = 16;

  /** What the start of all processes, sampling and the report take besides training. */
  private static final double OVERHEAD_SECONDS = 120;

  private static final double SHORTEST_SECONDS = 30;

  /** Share of the machine that training gets while nodes talk and the evaluator measures. */
  private static final double EFFICIENCY = 0.72;

  /**
   * When a volunteer is killed, the work since its last manifest is lost, and time until the
   * successor is free.
   */
  private static final double KILL_EFFICIENCY = 0.45;

  /** What a router's step costs, in steps of an expert. */
  private static final double ROUTER_COST = 1.1;

  /** Steps of the router to each of an expert: nothing else improves the pictures as cheaply. */
  private static final double ROUTER_SHARE = 0.625;

  private static final int MANIFESTS = 3;

  /**
   * Plans a run.
   *
   * @param samplesPerSecond of all threads that train at once, together
   */
  static Budget of(DemoOptions options, double samplesPerSecond) {
    double seconds = Math.max(SHORTEST_SECONDS, options.minutes() * 60 - OVERHEAD_SECONDS);
    double efficiency = options.kill() ? KILL_EFFICIENCY : EFFICIENCY;
    double samples = seconds * samplesPerSecond * efficiency;
    double perStep = BATCH * (options.experts() + ROUTER_COST * ROUTER_SHARE);
    long steps = Math.max(40, Math.round(samples / perStep));
    long interval = Math.max(5_000, Math.round(seconds * 1000 / MANIFESTS));
    return new Budget(steps, Math.max(30, Math.round(steps * ROUTER_SHARE)), interval);
  }
}
