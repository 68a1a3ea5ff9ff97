package org.skerry.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Several transfers measured in turn, so that all meet the same machine. */
final class Rounds {
  private Rounds() {}

  /**
   * A transfer's median round.
   *
   * @param bytes moved in each round
   * @param seconds wall clock
   * @param cpuSeconds of the whole process, that is of both ends
   */
  record Result(String variant, long bytes, double seconds, double cpuSeconds) {}

  /** The median round by wall clock of each of {@code transfers}, after a round to warm up. */
  static List<Result> medians(
      List<? extends Transfer> transfers, long bytes, long warmUpBytes, int rounds)
      throws Exception {
    List<List<Result>> rows = new ArrayList<>();
    for (Transfer transfer : transfers) {
      measure(transfer, warmUpBytes);
      rows.add(new ArrayList<>());
    }
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < transfers.size(); i++) {
        rows.get(i).add(measure(transfers.get(i), bytes));
      }
    }
    List<Result> medians = new ArrayList<>();
    for (List<Result> measured : rows) {
      measured.sort(Comparator.comparingDouble(Result::seconds));
      medians.add(measured.get(measured.size() / 2));
    }
    return medians;
  }

  private static Result measure(Transfer transfer, long bytes) throws Exception {
    transfer.prepare(bytes);
    long cpu = cpuNanos();
    long start = System.nanoTime();
    transfer.move(bytes);
    long nanos = System.nanoTime() - start;
    return new Result(transfer.variant(), bytes, nanos / 1e9, (cpuNanos() - cpu) / 1e9);
  }

  private static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }
}
