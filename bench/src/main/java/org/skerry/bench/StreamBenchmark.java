package org.skerry.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One stream, and several, over loopback and one connection, beside iperf3, plain TCP in Netty and
 * js-libp2p where they are installed; and how long a small request takes beside them.
 */
final class StreamBenchmark implements Benchmark {
  private static final double P99 = .99;

  @Override
  public String name() {
    return "stream";
  }

  @Override
  public String about() {
    return "streams over loopback: TLS or Noise and Yamux, or QUIC, beside iperf3 and js-libp2p";
  }

  @Override
  public Map<String, String> options() {
    return new TreeMap<>(Map.of("mib", "1024", "rounds", "3", "streams", "8"));
  }

  @Override
  public Report run(Options options) throws Exception {
    long bytes = (long) options.number("mib") << 20;
    List<Rounds.Result> results = new ArrayList<>();
    results.addAll(medians(bytes, 1, options.number("rounds")));
    if (options.number("streams") > 1) {
      results.addAll(medians(bytes, options.number("streams"), options.number("rounds")));
    }
    Report transfers = Report.ofTransfers(results);
    Map<String, Object> figures = new LinkedHashMap<>(transfers.figures());
    figures.putAll(ratios(results));
    figures.put("p99_ms_under_bulk", Report.rounded(p99(bytes)));
    return new Report(transfers.columns(), transfers.rows(), figures);
  }

  private static List<Rounds.Result> medians(long bytes, int streams, int rounds) throws Exception {
    List<Transfer> transfers = new ArrayList<>();
    try {
      if (IperfTransfer.isInstalled()) {
        transfers.add(new IperfTransfer(streams));
      }
      if (streams == 1) {
        transfers.add(new NettyTcpTransfer());
        transfers.add(new YamuxTransfer());
      }
      for (Wire wire : Wire.values()) {
        if (JsProcess.isInstalled()) {
          transfers.add(new JsTransfer(wire, streams));
        }
        transfers.add(new SkerryTransfer(wire, streams));
      }
      transfers.add(new ChildTransfer(streams));
      return Rounds.medians(transfers, bytes, bytes, rounds);
    } finally {
      transfers.forEach(Transfer::close);
    }
  }

  /** Of one stream. */
  private static Map<String, Object> ratios(List<Rounds.Result> results) {
    String tls = SkerryTransfer.variant(Wire.TLS, 1);
    String noise = SkerryTransfer.variant(Wire.NOISE, 1);
    String jce = ChildTransfer.VARIANT_PREFIX + 1;
    Map<String, Object> figures = new LinkedHashMap<>();
    put(figures, "tls_over_iperf3", results, tls, IperfTransfer.variant(1));
    put(figures, "tls_over_js", results, tls, JsTransfer.variant(Wire.TLS, 1));
    put(figures, "noise_over_js", results, jce, JsTransfer.variant(Wire.NOISE, 1));
    String quic = SkerryTransfer.variant(Wire.QUIC, 1);
    put(figures, "quic_over_js", results, quic, JsTransfer.variant(Wire.QUIC, 1));
    put(figures, "noise_native_over_iperf3", results, noise, IperfTransfer.variant(1));
    figures.put("tls_cpu_s_per_gib", costPerGib(of(results, tls).orElseThrow()));
    figures.put("noise_jce_cpu_s_per_gib", costPerGib(of(results, jce).orElseThrow()));
    return figures;
  }

  private static void put(
      Map<String, Object> figures,
      String name,
      List<Rounds.Result> results,
      String ours,
      String theirs) {
    of(results, theirs)
        .ifPresent(peer ->
            figures.put(name, Report.rounded(rate(of(results, ours).orElseThrow()) / rate(peer))));
  }

  private static Optional<Rounds.Result> of(List<Rounds.Result> results, String variant) {
    return results.stream().filter(result -> result.variant().equals(variant)).findFirst();
  }

  private static double rate(Rounds.Result result) {
    return result.bytes() / result.seconds();
  }

  private static double costPerGib(Rounds.Result result) {
    return Report.rounded(result.cpuSeconds() / (result.bytes() / (double) (1 << 30)));
  }

  private static double p99(long bytes) throws Exception {
    try (SkerryTransfer transfer = new SkerryTransfer(Wire.TLS, 1)) {
      transfer.requestsUnderBulk(bytes);
      List<Double> millis = transfer.requestsUnderBulk(bytes);
      return millis.get((int) (P99 * (millis.size() - 1)));
    }
  }
}
