package org.skerry.bench;

import java.util.List;
import java.util.Map;

/** Something that can be measured by name. */
interface Benchmark {
  String name();

  /** One line for the list. */
  String about();

  /** The options it knows with their defaults; all are positive whole numbers. */
  Map<String, Integer> options();

  List<Row> run(Map<String, Integer> options) throws Exception;

  /**
   * One line of the table.
   *
   * @param bytes moved in each round
   * @param seconds wall clock of the median round
   * @param cpuSeconds of the whole process, that is of both ends, in the median round
   */
  record Row(String variant, long bytes, double seconds, double cpuSeconds) {
    private static final double MIB = 1 << 20;
    private static final double GIB = 1 << 30;

    double mibPerSecond() {
      return bytes / MIB / seconds;
    }

    double cpuSecondsPerGib() {
      return cpuSeconds / (bytes / GIB);
    }
  }
}
