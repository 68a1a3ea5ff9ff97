package org.skerry.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.skerry.interop.NatLab.How;
import org.skerry.interop.NatLab.Outcome;
import org.skerry.interop.NatLab.Router;

/** One cell for each way to a peer, and the pair of routers for which there is no direct one. */
@Timeout(240)
class NatLabIT {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "tcp, OPEN, OPEN, DIRECT",
    "tcp, OPEN, SYMMETRIC, REVERSED",
    "tcp, SYMMETRIC, CONE, PUNCHED",
    "tcp, PORT_RESTRICTED, PORT_RESTRICTED, PUNCHED",
    "quic, PORT_RESTRICTED, PORT_RESTRICTED, PUNCHED",
    "quic, SYMMETRIC, PORT_RESTRICTED, RELAYED",
    "tcp, SYMMETRIC, UPNP, DIRECT",
    "quic, SYMMETRIC, NAT_PMP, DIRECT",
    "js-dialler, OPEN, PORT_RESTRICTED, REVERSED",
    "js-target, OPEN, PORT_RESTRICTED, REVERSED"
  })
  void findsTheWayThatThereIs(String transport, Router dialler, Router target, How how)
      throws Exception {
    Outcome outcome = new NatLab(folder).run(transport, dialler, target);
    System.out.println(transport + ", " + dialler + " to " + target + ": " + outcome);
    assertThat(outcome.how()).isEqualTo(how);
  }

  /**
   * Asked by version 1, js-libp2p takes the connection that there is for one that it dialled, and
   * closes it before it has answered.
   */
  @ParameterizedTest
  @CsvSource({"1, Undecided", "2, Reachable"})
  void jsFindsOutByAutonatThatItIsReachedAndWeAsFarAsItAnswers(String version, String verdict)
      throws Exception {
    String said = new NatLab(folder).autonat(version);
    System.out.println("AutoNAT " + version + ": " + said);
    assertThat(said).startsWith("verified").contains(verdict);
  }
}
