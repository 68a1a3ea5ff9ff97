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
    "OPEN, OPEN, DIRECT",
    "OPEN, SYMMETRIC, REVERSED",
    "SYMMETRIC, CONE, PUNCHED",
    "PORT_RESTRICTED, PORT_RESTRICTED, PUNCHED",
    "SYMMETRIC, PORT_RESTRICTED, RELAYED"
  })
  void findsTheWayThatThereIs(Router dialler, Router target, How how) throws Exception {
    Outcome outcome = new NatLab(folder).run(dialler, target);
    System.out.println(dialler + " to " + target + ": " + outcome);
    assertThat(outcome.how()).isEqualTo(how);
  }
}
