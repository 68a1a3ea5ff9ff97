package org.skerry.bench;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.skerry.simulation.BoardNetwork;
import org.skerry.simulation.HashedNamespace;
import org.skerry.simulation.SimulatedDht;
import org.skerry.simulation.SimulatedDht.Found;
import org.skerry.simulation.Simulation;
import org.skerry.simulation.eclipse.Eclipse;
import org.skerry.simulation.eclipse.EclipseFigures;

/**
 * One simulated network, through all that happens to it: before each thing it grows to its full
 * size again, settles for ten minutes and is given fresh values.
 */
final class DhtNetwork {
  private static final long MINUTE_MS = 60_000;
  private static final double MEDIAN_LIFE_MS = 60.0 * MINUTE_MS;
  private static final int READS_A_SECOND = 20;

  /**
   * What became of the reads.
   *
   * @param cpuSeconds what the network took at rest and while nodes came and went, growth included
   * @param nodeHours of simulated life in these seconds
   */
  record Measured(
      Found rest,
      Found after30,
      Found after50,
      Found churn,
      Map<Eclipse.Placement, EclipseFigures> attacks,
      double cpuSeconds,
      double nodeHours) {}

  private final BoardNetwork network;
  private final SimulatedDht dht;
  private final Simulation simulation;
  private final int nodes;
  private final int reads;
  private final List<Map.Entry<byte[], byte[]>> values = new ArrayList<>();
  private int published;

  private DhtNetwork(long seed, int nodes, int reads) {
    simulation = new Simulation(seed);
    network = new BoardNetwork(simulation);
    dht = network.dht();
    this.nodes = nodes;
    this.reads = reads;
  }

  static Measured measure(long seed, Options options) {
    DhtNetwork network = new DhtNetwork(seed, options.number("nodes"), options.number("reads"));
    return network.measure(
        options.number("values"), options.number("churn") * MINUTE_MS, options.number("attackers"));
  }

  private Measured measure(int count, long churnMs, int attackers) {
    double cpuBefore = cpuSeconds();
    long beganMs = simulation.nowMs();
    settle(count);
    Found rest = read();
    Found churn = churn(churnMs);
    double cpuSeconds = cpuSeconds() - cpuBefore;
    double nodeHours = nodes * (simulation.nowMs() - beganMs) / (60.0 * MINUTE_MS);
    settle(count);
    dht.kill(0.3);
    Found after30 = read();
    settle(count);
    dht.kill(0.5);
    Found after50 = read();
    Map<Eclipse.Placement, EclipseFigures> attacks = new EnumMap<>(Eclipse.Placement.class);
    for (Eclipse.Placement placement : Eclipse.Placement.values()) {
      settle(0);
      attacks.put(placement, Eclipse.run(network, attackers, reads, placement));
    }
    return new Measured(rest, after30, after50, churn, attacks, cpuSeconds, nodeHours);
  }

  /** Of this thread, which is the only one that a simulation uses. */
  private static double cpuSeconds() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1e9;
  }

  private void settle(int count) {
    dht.grow(nodes, 10 * MINUTE_MS);
    values.clear();
    for (int i = 0; i < count; i++) {
      byte[] value = ("value " + published++).getBytes(StandardCharsets.UTF_8);
      byte[] key = HashedNamespace.keyOf(value);
      values.add(Map.entry(key, value));
      dht.put(dht.randomNode(), key, value);
      simulation.runFor(50);
    }
    simulation.runFor(MINUTE_MS);
  }

  private Found read() {
    return dht.read(values, reads, READS_A_SECOND);
  }

  /** Reads in the last part of a time in which nodes come and go. */
  private Found churn(long forMs) {
    scheduleDeath(simulation.nowMs() + forMs + reads * 1000L / READS_A_SECOND);
    simulation.runFor(forMs);
    return read();
  }

  private void scheduleDeath(long untilMs) {
    // Of many exponential lives, the next one ends after an exponential time as well.
    double meanMs = MEDIAN_LIFE_MS / Math.log(2) / dht.live().size();
    long inMs = Math.round(-meanMs * Math.log(1 - simulation.random().nextDouble()));
    simulation.after(
        inMs,
        () -> {
          if (simulation.nowMs() < untilMs) {
            dht.kill(dht.randomNode());
            dht.join();
            scheduleDeath(untilMs);
          }
        });
  }
}
