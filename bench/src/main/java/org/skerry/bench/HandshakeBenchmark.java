package org.skerry.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.skerry.libp2p.host.SecureProtocol;

/**
 * Connections a second over loopback, one after the other, beside js-libp2p where it is installed;
 * and the memory of a process that holds many.
 */
final class HandshakeBenchmark implements Benchmark {
  @Override
  public String name() {
    return "handshake";
  }

  @Override
  public String about() {
    return "connections a second: TLS or Noise, and Yamux, beside js-libp2p; memory of many";
  }

  @Override
  public Map<String, String> options() {
    return new TreeMap<>(Map.of("handshakes", "1000", "rounds", "3", "connections", "5000"));
  }

  /** A variant's round. */
  private record Round(String variant, double perSecond, double cpuMillis) {}

  @Override
  public Report run(Options options) throws Exception {
    List<Round> medians = medians(options.number("handshakes"), options.number("rounds"));
    Map<String, Object> variants = new LinkedHashMap<>();
    List<Report.Row> rows = new ArrayList<>();
    for (Round round : medians) {
      rows.add(Report.Row.of(round.variant(), round.perSecond(), round.cpuMillis()));
      variants.put(
          round.variant(),
          Map.of(
              "handshakes_per_second", Report.rounded(round.perSecond()),
              "cpu_ms_per_handshake", Report.rounded(round.cpuMillis())));
    }
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("handshakes_per_second", rate(medians, SecureProtocol.TLS));
    figures.put("handshakes_per_second_noise", rate(medians, SecureProtocol.NOISE));
    for (SecureProtocol security : SecureProtocol.values()) {
      String ours = SkerryHandshakes.variant(security);
      of(medians, JsHandshakes.variant(security))
          .ifPresent(js ->
              figures.put(
                  ours + "_over_js",
                  Report.rounded(of(medians, ours).orElseThrow().perSecond() / js.perSecond())));
    }
    figures.put("variants", variants);
    figures.putAll(memory(SecureProtocol.TLS, "", options.number("connections")));
    figures.putAll(memory(SecureProtocol.NOISE, "_noise", options.number("connections")));
    return new Report(List.of("connections/s", "CPU-ms each"), rows, figures);
  }

  private static Map<String, Object> memory(SecureProtocol security, String suffix, int connections)
      throws Exception {
    OpenConnections.Memory memory = OpenConnections.measure(security, connections);
    double kibEach = (memory.openMib() - memory.idleMib()) * 1024 / connections;
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put(
        "mib_at_" + connections + "_connections" + suffix, Report.rounded(memory.openMib()));
    figures.put("mib_without_connections" + suffix, Report.rounded(memory.idleMib()));
    figures.put("kib_per_connection" + suffix, Report.rounded(kibEach));
    return figures;
  }

  private static List<Round> medians(int handshakes, int rounds) throws Exception {
    List<Handshakes> all = new ArrayList<>();
    try {
      for (SecureProtocol security : SecureProtocol.values()) {
        all.add(new SkerryHandshakes(security));
        if (JsProcess.isInstalled()) {
          all.add(new JsHandshakes(security));
        }
      }
      List<List<Round>> measured = new ArrayList<>();
      for (Handshakes one : all) {
        one.make(handshakes); // to warm up
        measured.add(new ArrayList<>());
      }
      for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < all.size(); i++) {
          measured.get(i).add(measure(all.get(i), handshakes));
        }
      }
      List<Round> medians = new ArrayList<>();
      for (List<Round> of : measured) {
        of.sort(Comparator.comparingDouble(Round::perSecond));
        medians.add(of.get(of.size() / 2));
      }
      return medians;
    } finally {
      all.forEach(Handshakes::close);
    }
  }

  private static Round measure(Handshakes handshakes, int count) throws Exception {
    double cpu = handshakes.cpuSeconds();
    long start = System.nanoTime();
    handshakes.make(count);
    double seconds = (System.nanoTime() - start) / 1e9;
    double cpuMillis = (handshakes.cpuSeconds() - cpu) * 1000 / count;
    return new Round(handshakes.variant(), count / seconds, cpuMillis);
  }

  private static double rate(List<Round> medians, SecureProtocol security) {
    return Report.rounded(
        of(medians, SkerryHandshakes.variant(security)).orElseThrow().perSecond());
  }

  private static Optional<Round> of(List<Round> rounds, String variant) {
    return rounds.stream().filter(round -> round.variant().equals(variant)).findFirst();
  }
}
