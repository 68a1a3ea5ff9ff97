package org.skerry.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One stream over loopback, both ends in this process, beside plain TCP. */
final class StreamsBenchmark implements Benchmark {
  private static final int WARM_UP_PARTS = 4;

  @Override
  public String name() {
    return "streams";
  }

  @Override
  public String about() {
    return "one stream over loopback: Noise and Yamux beside plain TCP";
  }

  @Override
  public Map<String, Integer> options() {
    return new TreeMap<>(Map.of("mib", 1024, "rounds", 3));
  }

  @Override
  public List<Row> run(Map<String, Integer> options) throws Exception {
    long bytes = (long) options.getOrDefault("mib", 1024) << 20;
    int rounds = options.getOrDefault("rounds", 3);
    List<Row> medians = new ArrayList<>();
    try (Transfer tcp = new NettyTcpTransfer();
        Transfer yamux = new YamuxTransfer();
        Transfer skerry = new SkerryTransfer()) {
      List<Transfer> transfers = List.of(tcp, yamux, skerry);
      List<List<Row>> rows = new ArrayList<>();
      for (Transfer transfer : transfers) {
        transfer.move(bytes / WARM_UP_PARTS);
        rows.add(new ArrayList<>());
      }
      for (int round = 0; round < rounds; round++) { // in turn, so that all meet the same machine
        for (int i = 0; i < transfers.size(); i++) {
          rows.get(i).add(measure(transfers.get(i), bytes));
        }
      }
      for (List<Row> measured : rows) {
        measured.sort(Comparator.comparingDouble(Row::seconds));
        medians.add(measured.get(measured.size() / 2));
      }
    }
    return medians;
  }

  private static Row measure(Transfer transfer, long bytes) throws Exception {
    long cpu = cpuNanos();
    long start = System.nanoTime();
    transfer.move(bytes);
    long nanos = System.nanoTime() - start;
    return new Row(transfer.variant(), bytes, nanos / 1e9, (cpuNanos() - cpu) / 1e9);
  }

  private static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }
}
