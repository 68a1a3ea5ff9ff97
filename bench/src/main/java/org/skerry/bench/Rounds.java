package org.skerry.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Several transfers measured in turn, so that all meet the same machine. */
final class Rounds {
  /** The process's clock of processor time counts in steps of 10 ms: a round costs ten at least. */
  private static final double MIN_CPU_SECONDS = 0.1;

  private Rounds() {}

  /**
   * A transfer's median round.
   *
   * @param bytes moved in it
   * @param seconds wall clock
   * @param cpuSeconds of both ends
   */
  record Result(String variant, long bytes, double seconds, double cpuSeconds) {}

  /**
   * The median round by rate of each of {@code transfers}, after one to warm up.
   *
   * @param bytes moved at once; a round repeats it until its processor time can be read
   */
  static List<Result> medians(
      List<? extends Transfer> transfers, long bytes, long warmUpBytes, int rounds)
      throws Exception {
    List<List<Result>> rows = new ArrayList<>();
    for (Transfer transfer : transfers) {
      transfer.prepare(warmUpBytes);
      transfer.move(warmUpBytes);
      rows.add(new ArrayList<>());
    }
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < transfers.size(); i++) {
        rows.get(i).add(measure(transfers.get(i), bytes));
      }
    }
    List<Result> medians = new ArrayList<>();
    for (List<Result> measured : rows) {
      measured.sort(Comparator.comparingDouble(result -> result.seconds() / result.bytes()));
      medians.add(measured.get(measured.size() / 2));
    }
    return medians;
  }

  private static Result measure(Transfer transfer, long bytes) throws Exception {
    long moved = 0;
    double seconds = 0;
    double cpuSeconds = 0;
    while (cpuSeconds < MIN_CPU_SECONDS) {
      transfer.prepare(bytes);
      double cpu = transfer.cpuSeconds();
      long start = System.nanoTime();
      transfer.move(bytes);
      seconds += (System.nanoTime() - start) / 1e9;
      cpuSeconds += transfer.cpuSeconds() - cpu;
      moved += bytes;
    }
    return new Result(transfer.variant(), moved, seconds, cpuSeconds);
  }
}
