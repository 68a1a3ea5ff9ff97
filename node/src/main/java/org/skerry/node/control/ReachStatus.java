package org.skerry.node.control;

import java.util.List;

/**
 * What a daemon has seen of how others reach it.
 *
 * @param verdict AutoNAT's: {@code reachable}, {@code unreachable}, {@code unknown}, or {@code
 *     local} when it listens on this machine only
 * @param reachable public addresses at which peers got through
 * @param unreachable public addresses at which they did not
 * @param relayed addresses behind relays that carry connections to it
 * @param mapping what came of asking the router: {@code mapped}, {@code asking}, {@code no-router},
 *     {@code refused}, {@code behind-another-nat}; {@code off} when the owner wants none, {@code
 *     needless} when it listens at a public address, or at no private one
 * @param mappingDetail which router, or why not; maybe empty
 * @param mapped addresses that the router passes on
 * @param tcpPorts how the router chooses ports for TCP: {@code endpoint-independent}, {@code
 *     endpoint-dependent} or {@code unknown}
 * @param udpPorts the same for UDP
 * @param seenAt where peers see it
 * @param udp whether QUIC comes through: {@code yes}, {@code no} when peers that speak it did not
 *     answer, {@code unknown} when none was asked, {@code off} when it does not listen for it
 */
public record ReachStatus(
    String verdict,
    List<String> reachable,
    List<String> unreachable,
    List<String> relayed,
    String mapping,
    String mappingDetail,
    List<String> mapped,
    String tcpPorts,
    String udpPorts,
    List<String> seenAt,
    String udp) {
  /** Of a daemon that listens on this machine only. */
  public static final ReachStatus LOCAL =
      new ReachStatus(
          "local",
          List.of(),
          List.of(),
          List.of(),
          "needless",
          "",
          List.of(),
          "unknown",
          "unknown",
          List.of(),
          "unknown");

  public ReachStatus {
    reachable = List.copyOf(reachable);
    unreachable = List.copyOf(unreachable);
    relayed = List.copyOf(relayed);
    mapped = List.copyOf(mapped);
    seenAt = List.copyOf(seenAt);
  }
}
