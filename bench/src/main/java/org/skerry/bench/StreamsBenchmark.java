package org.skerry.bench;

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
  public Map<String, String> options() {
    return new TreeMap<>(Map.of("mib", "1024", "rounds", "3"));
  }

  @Override
  public Report run(Options options) throws Exception {
    long bytes = (long) options.number("mib") << 20;
    try (Transfer tcp = new NettyTcpTransfer();
        Transfer yamux = new YamuxTransfer();
        Transfer skerry = new SkerryTransfer()) {
      return Report.ofTransfers(
          Rounds.medians(
              List.of(tcp, yamux, skerry), bytes, bytes / WARM_UP_PARTS, options.number("rounds")));
    }
  }
}
