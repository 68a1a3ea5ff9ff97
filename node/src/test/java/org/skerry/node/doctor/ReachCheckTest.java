package org.skerry.node.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.skerry.node.control.GuestStatus;
import org.skerry.node.control.NodeStatus;
import org.skerry.node.control.ReachStatus;
import org.skerry.node.doctor.Finding.Level;
import org.skerry.node.traffic.TrafficReport;

class ReachCheckTest {
  private static final String PRIVATE = "/ip4/192.168.1.2/tcp/4001";
  private static final String PRIVATE_UDP = "/ip4/192.168.1.2/udp/4001/quic-v1";
  private static final String OUTSIDE = "/ip4/11.0.0.20/tcp/4001";
  private static final String OUTSIDE_UDP = "/ip4/11.0.0.20/udp/4001/quic-v1";
  private static final String RELAY = "/ip4/11.0.0.1/tcp/4001/p2p-circuit";
  private static final String INDEPENDENT = "endpoint-independent";
  private static final String DEPENDENT = "endpoint-dependent";

  // What was seen; a node at home whose router does nothing, and that nobody reaches.
  private String verdict = "unreachable";
  private List<String> reachable = List.of();
  private List<String> unreachable = List.of(OUTSIDE);
  private List<String> relayed = List.of(RELAY);
  private String mapping = "no-router";
  private String mappingDetail = "no router answers to NAT-PMP or UPnP";
  private List<String> mapped = List.of();
  private String tcpPorts = "unknown";
  private String udpPorts = "unknown";
  private List<String> seenAt = List.of();
  private String udp = "unknown";
  private int connections = 3;

  private List<Finding> findings() {
    TrafficReport.Direction none = new TrafficReport.Direction(0, 0, null, null, null, null);
    ReachStatus ways =
        new ReachStatus(
            verdict,
            reachable,
            unreachable,
            relayed,
            mapping,
            mappingDetail,
            mapped,
            tcpPorts,
            udpPorts,
            seenAt,
            udp);
    return ReachCheck.findings(
        new NodeStatus(
            "12D3",
            "",
            "1",
            1,
            1,
            false,
            "",
            true,
            0,
            "",
            "",
            0,
            0,
            0,
            List.of("/ip4/127.0.0.1/tcp/4001", PRIVATE, PRIVATE_UDP),
            verdict,
            ways,
            connections,
            0,
            0,
            "cpu",
            1,
            100,
            1,
            List.of(),
            new TrafficReport(none, none, null),
            List.of(),
            new GuestStatus(null, null, List.of())));
  }

  private Finding reach() {
    Finding first = findings().getFirst();
    assertThat(first.check()).isEqualTo("reach");
    return first;
  }

  private Finding other(String check) {
    return findings().stream().filter(f -> f.check().equals(check)).findFirst().orElseThrow();
  }

  private void isReached() {
    verdict = "reachable";
    reachable = List.of(OUTSIDE);
    unreachable = List.of();
    relayed = List.of();
  }

  private void isMapped() {
    mapping = "mapped";
    mappingDetail = "UPnP at 192.168.1.1";
    mapped = List.of(OUTSIDE);
  }

  @Test
  void whoIsDialledAtAnAddressOfItsOwnIsPublic() {
    isReached();
    assertThat(reach().level()).isEqualTo(Level.OK);
    assertThat(reach().what()).startsWith("public: ").contains(OUTSIDE);
    assertThat(findings()).as("the router's silence does no harm").hasSize(1);
  }

  @Test
  void whoIsDialledAtAPortThatTheRouterGaveIsPortMapped() {
    isReached();
    isMapped();
    assertThat(reach().level()).isEqualTo(Level.OK);
    assertThat(reach().what()).startsWith("port-mapped: ").contains(OUTSIDE);
    assertThat(other("router").what()).contains("UPnP at 192.168.1.1", OUTSIDE);
  }

  @Test
  void aMappedPortThatNobodyHasTriedIsSaidToBeThat() {
    verdict = "unknown";
    unreachable = List.of();
    isMapped();
    assertThat(reach().what()).startsWith("port-mapped: ").contains("no peer has tried");
  }

  @Test
  void aMappedPortThatNobodyGetsThroughToIsNone() {
    isMapped();
    assertThat(reach().what()).startsWith("relay-only: ");
    assertThat(reach().remedy()).anySatisfy(line -> assertThat(line).contains("firewall"));
  }

  @Test
  void whoseRouterKeepsThePortIsPunchable() {
    tcpPorts = INDEPENDENT;
    seenAt = List.of(OUTSIDE, OUTSIDE_UDP);
    assertThat(reach().level()).isEqualTo(Level.WARNING);
    assertThat(reach().what())
        .startsWith("punchable: ")
        .contains("the same TCP port", "(peers see " + OUTSIDE + ")");
    tcpPorts = DEPENDENT;
    udpPorts = INDEPENDENT;
    assertThat(reach().what())
        .startsWith("punchable: ")
        .contains("the same UDP port", "(peers see " + OUTSIDE_UDP + ")");
  }

  @Test
  void whoseRouterTakesAnotherPortForEachIsRelayOnly() {
    tcpPorts = DEPENDENT;
    udpPorts = DEPENDENT;
    assertThat(reach().level()).isEqualTo(Level.WARNING);
    assertThat(reach().what()).startsWith("relay-only: ").contains("another port for each");
    assertThat(reach().remedy())
        .first()
        .asString()
        .contains("forward port 4001/TCP and 4001/UDP to this computer (192.168.1.2)");
    assertThat(reach().remedy()).last().asString().contains("relays", "1 MiB");
    tcpPorts = "unknown";
    udpPorts = "unknown";
    assertThat(reach().what()).startsWith("relay-only: ").contains("too few peers");
  }

  @Test
  void whoHasNoPeerIsCutOffWhateverWasSeenBefore() {
    isReached();
    connections = 0;
    assertThat(reach().level()).isEqualTo(Level.PROBLEM);
    assertThat(reach().what()).startsWith("cut off: ");
    assertThat(reach().remedy()).first().asString().contains("outgoing connections");
  }

  @Test
  void ofManyAddressesThreeAreEnough() {
    tcpPorts = DEPENDENT;
    seenAt = Collections.nCopies(9, OUTSIDE);
    assertThat(reach().what()).contains(OUTSIDE + " and 6 more");
  }

  @Test
  void whoHasNoRelayIsCutOff() {
    relayed = List.of();
    tcpPorts = INDEPENDENT;
    assertThat(reach().level()).isEqualTo(Level.WARNING);
    assertThat(reach().what()).startsWith("cut off: ").contains("relay");
  }

  @Test
  void beforeAnybodyHasTriedNothingIsClaimed() {
    verdict = "unknown";
    unreachable = List.of();
    assertThat(reach().what()).startsWith("not known yet: ").contains("3 connected");
  }

  @Test
  void aNodeOnThisComputerAloneIsWell() {
    verdict = "local";
    connections = 0;
    assertThat(findings())
        .singleElement()
        .satisfies(finding -> assertThat(finding.level()).isEqualTo(Level.OK));
  }

  @Test
  void theRouterIsQuotedAndItsRemedyFitsWhatItSaid() {
    assertThat(other("router").what()).contains("no router answers");
    assertThat(reach().remedy()).anySatisfy(line -> assertThat(line).contains("switch on UPnP"));
    mapping = "behind-another-nat";
    mappingDetail = "UPnP at 192.168.1.1: your router itself is behind another NAT";
    assertThat(other("router").what()).contains("behind another NAT");
    assertThat(reach().remedy()).anySatisfy(line -> assertThat(line).contains("your provider"));
    mapping = "refused";
    mappingDetail = "UPnP at 192.168.1.1: it says: not authorized (606)";
    assertThat(other("router").what()).contains("606");
    assertThat(reach().remedy()).anySatisfy(line -> assertThat(line).contains("allow it"));
    mapping = "off";
    assertThat(reach().remedy()).anySatisfy(line -> assertThat(line).contains("map-ports = true"));
  }

  @Test
  void saysWhetherUdpComesThrough() {
    udp = "yes";
    assertThat(other("udp").level()).isEqualTo(Level.OK);
    udp = "no";
    assertThat(other("udp").level()).isEqualTo(Level.WARNING);
    assertThat(other("udp").what()).contains("does not come through");
  }
}
