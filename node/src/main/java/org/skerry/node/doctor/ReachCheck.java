package org.skerry.node.doctor;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.skerry.libp2p.Multiaddr;
import org.skerry.node.control.NodeStatus;
import org.skerry.node.control.ReachStatus;

/**
 * How others reach a running node: its standing in a word, what was seen that makes it so, and what
 * its owner can do.
 */
final class ReachCheck {
  private static final String CHECK = "reach";
  private static final int SHOWN = 3;
  private static final String LEAVE_IT =
      "or leave it: others come through relays, which takes longer to connect, and all that one"
          + " relay carries shares 1 MiB a second";

  private ReachCheck() {}

  /** Without a node nobody can say. */
  static Finding notRunning() {
    return Finding.ok(
        CHECK,
        "a running node finds out how others reach it: start one with `skerry node run`, and look"
            + " again after a few minutes");
  }

  /** Of a node that is not on this machine alone. */
  static List<Finding> findings(NodeStatus status) {
    ReachStatus seen = status.ways();
    if (seen.verdict().equals("local")) {
      return List.of(
          Finding.ok(CHECK, "the node listens on this computer only, as [network] listen says"));
    }
    Standing standing = Standing.of(seen, status.connections());
    List<Finding> out = new ArrayList<>();
    out.add(standing(standing, status));
    boolean helps = standing != Standing.PUBLIC && status.connections() > 0;
    router(seen, helps).ifPresent(out::add);
    udp(standing, seen).ifPresent(out::add);
    return out;
  }

  private static Finding standing(Standing standing, NodeStatus status) {
    ReachStatus seen = status.ways();
    List<String> remedy = new ArrayList<>();
    String what =
        standing.word()
            + ": "
            + switch (standing) {
              case PUBLIC -> "others dial this computer at " + list(seen.reachable());
              case PORT_MAPPED ->
                  seen.reachable().isEmpty()
                      ? "the router passes on %s, which no peer has tried yet"
                          .formatted(list(seen.mapped()))
                      : "others dial this computer at %s, which the router passes on"
                          .formatted(list(seen.reachable()));
              case PUNCHABLE ->
                  denied(seen)
                      + "; they come through a relay, and mostly get around it, for "
                      + samePort(seen);
              case RELAY_ONLY ->
                  denied(seen)
                      + "; they come through a relay, and stay with it, for "
                      + ports(seen);
              case CUT_OFF ->
                  status.connections() == 0
                      ? "no peer is connected, and so none can be asked"
                      : denied(seen) + ", and none of the peers is a relay that has a place for it";
              case UNDECIDED ->
                  "no peers of enough places have tried to dial this computer (%d connected)"
                      .formatted(status.connections());
            };
    switch (standing) {
      case PUBLIC, PORT_MAPPED -> {
        return Finding.ok(CHECK, what);
      }
      case PUNCHABLE, RELAY_ONLY -> {
        remedy.addAll(letIn(seen, status.addresses()));
        remedy.add(LEAVE_IT);
      }
      case CUT_OFF -> {
        if (status.connections() == 0) {
          remedy.add(
              "check that this computer is online, and that its firewall and its network allow"
                  + " outgoing connections (TCP, and UDP for QUIC)");
          remedy.add(
              "check the addresses under [network] bootstrap: one of those peers has to be up");
        } else {
          remedy.addAll(letIn(seen, status.addresses()));
          remedy.add("or wait: places at relays are asked for again every few minutes");
        }
      }
      case UNDECIDED -> remedy.add("look again after a few minutes, when more peers are connected");
    }
    String[] lines = remedy.toArray(String[]::new);
    return standing == Standing.CUT_OFF && status.connections() == 0
        ? Finding.problem(CHECK, what, lines)
        : Finding.warning(CHECK, what, lines);
  }

  private static String denied(ReachStatus seen) {
    return "peers that tried did not get through to " + list(seen.unreachable());
  }

  private static String samePort(ReachStatus seen) {
    boolean tcp = seen.tcpPorts().equals(Standing.INDEPENDENT);
    boolean udp = seen.udpPorts().equals(Standing.INDEPENDENT);
    List<String> seenAt =
        seen.seenAt().stream().filter(at -> Multiaddr.parse(at).isTcp() ? tcp : udp).toList();
    return "your router takes the same %s port whomever this computer dials (peers see %s)"
        .formatted(tcp && udp ? "TCP and UDP" : tcp ? "TCP" : "UDP", list(seenAt));
  }

  private static String ports(ReachStatus seen) {
    boolean dependent =
        seen.tcpPorts().equals("endpoint-dependent")
            || seen.udpPorts().equals("endpoint-dependent");
    return dependent
        ? "your router takes another port for each peer that this computer dials (peers see %s), so"
                .formatted(list(seen.seenAt()))
            + " that nobody can know where to come to"
        : "too few peers have said at which ports they see it to try anything else";
  }

  /** What of the router would let others dial this computer. */
  private static List<String> letIn(ReachStatus seen, List<String> addresses) {
    List<String> out = new ArrayList<>();
    out.add(
        "forward %s to this computer%s in the settings of your router"
            .formatted(
                ports(addresses).isEmpty()
                    ? "its port (TCP and UDP)"
                    : "port " + String.join(" and ", ports(addresses)),
                own(addresses).stream()
                    .findFirst()
                    .flatMap(address -> address.value(Multiaddr.Protocol.IP4))
                    .map(ip -> " (" + ip + ")")
                    .orElse("")));
    switch (seen.mapping()) {
      case "no-router" ->
          out.add("or switch on UPnP or NAT-PMP there: the node asks for its port by itself");
      case "refused" -> out.add("or allow it to map ports there (UPnP, NAT-PMP)");
      case "behind-another-nat" ->
          out.add(
              "that alone does not help, since there is another router before yours: forward the"
                  + " port in that one, too, or ask your provider for a public IPv4 address");
      case "mapped" ->
          out.add(
              "the router says that it does so already: check that no firewall of this computer"
                  + " stops what comes in");
      case "off" ->
          out.add("or set map-ports = true under [network]: the node asks for its port by itself");
      default -> {}
    }
    return out;
  }

  /**
   * @param helps whether a mapped port would change anything
   */
  private static Optional<Finding> router(ReachStatus seen, boolean helps) {
    return switch (seen.mapping()) {
      case "mapped" ->
          Optional.of(
              Finding.ok("router", seen.mappingDetail() + " passes on " + list(seen.mapped())));
      case "no-router", "refused", "behind-another-nat" ->
          helps
              ? Optional.of(
                  Finding.warning(
                      "router",
                      "it maps no port: " + seen.mappingDetail(),
                      "see above; `map-ports = false` under [network] asks no more"))
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static Optional<Finding> udp(Standing standing, ReachStatus seen) {
    return switch (seen.udp()) {
      case "yes" -> Optional.of(Finding.ok("udp", "peers answer over QUIC"));
      case "no" ->
          standing == Standing.CUT_OFF
              ? Optional.empty()
              : Optional.of(
                  Finding.warning(
                      "udp",
                      "no peer that was tried answers over QUIC: UDP does not come through, and"
                          + " TCP is used",
                      "let UDP out in the firewall, or leave it: nothing needs it"));
      default -> Optional.empty();
    };
  }

  private static String list(List<String> addresses) {
    String some = String.join(", ", addresses.subList(0, Math.min(SHOWN, addresses.size())));
    int more = addresses.size() - SHOWN;
    return addresses.isEmpty() ? "it" : more > 0 ? some + " and " + more + " more" : some;
  }

  /** As {@code 4001/TCP}. */
  private static Set<String> ports(List<String> addresses) {
    Set<String> out = new LinkedHashSet<>();
    for (Multiaddr address : own(addresses)) {
      if (address.isTcp()) {
        out.add(address.value(Multiaddr.Protocol.TCP).orElseThrow() + "/TCP");
      } else if (address.isQuic()) {
        out.add(address.value(Multiaddr.Protocol.UDP).orElseThrow() + "/UDP");
      }
    }
    return out;
  }

  /** Of the local network, which are what a router is told. */
  private static List<Multiaddr> own(List<String> addresses) {
    return addresses.stream()
        .map(Multiaddr::parse)
        .filter(address -> !address.isRelayed() && !address.isPublic())
        .filter(address ->
            address.value(Multiaddr.Protocol.IP4).filter(ip -> !ip.startsWith("127.")).isPresent())
        .toList();
  }
}
