package org.skerry.node.doctor;

import java.util.List;
import org.skerry.node.control.ReachStatus;

/** How others reach a node, in a word. */
enum Standing {
  /** They dial it at an address of its own, or a port that its owner forwards. */
  PUBLIC("public"),
  /** They dial it at a port that its router was asked for. */
  PORT_MAPPED("port-mapped"),
  /** They come through a relay and get around it, where their own router allows that. */
  PUNCHABLE("punchable"),
  /** They come through a relay, and stay with it. */
  RELAY_ONLY("relay-only"),
  /** They do not. */
  CUT_OFF("cut off"),
  /** Too few peers have said. */
  UNDECIDED("not known yet");

  static final String INDEPENDENT = "endpoint-independent";

  private final String word;

  Standing(String word) {
    this.word = word;
  }

  String word() {
    return word;
  }

  /**
   * Judges by what was seen.
   *
   * @param connections how many peers are connected
   */
  static Standing of(ReachStatus seen, int connections) {
    if (connections == 0) {
      return CUT_OFF;
    }
    boolean mapped = seen.mapping().equals("mapped");
    return switch (seen.verdict()) {
      case "reachable" -> isAny(seen.reachable(), seen.mapped()) ? PORT_MAPPED : PUBLIC;
      case "unreachable" -> {
        if (seen.relayed().isEmpty()) {
          yield CUT_OFF;
        }
        boolean known = seen.tcpPorts().equals(INDEPENDENT) || seen.udpPorts().equals(INDEPENDENT);
        yield known ? PUNCHABLE : RELAY_ONLY;
      }
      default -> mapped ? PORT_MAPPED : UNDECIDED;
    };
  }

  private static boolean isAny(List<String> some, List<String> others) {
    return some.stream().anyMatch(others::contains);
  }
}
