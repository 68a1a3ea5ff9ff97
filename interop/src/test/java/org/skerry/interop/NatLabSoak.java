package org.skerry.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.StringJoiner;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.interop.NatLab.How;
import org.skerry.interop.NatLab.Outcome;
import org.skerry.interop.NatLab.Router;

/**
 * Every pair of routers; prints the table of docs/BENCHMARKS.md. And what the doctor says behind
 * each.
 */
@Timeout(1800)
class NatLabSoak {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"tcp", "quic"})
  void findsTheBestWayForEveryPair(String transport) throws Exception {
    NatLab lab = new NatLab(folder);
    Map<Router, Map<Router, Outcome>> table = new EnumMap<>(Router.class);
    for (Router dialler : Router.PLAIN) {
      Map<Router, Outcome> row = new EnumMap<>(Router.class);
      for (Router target : Router.PLAIN) {
        row.put(target, lab.run(transport, dialler, target));
      }
      table.put(dialler, row);
      System.out.println(transport + " " + line(dialler, row));
    }
    table.forEach((dialler, row) ->
        row.forEach((target, outcome) ->
            assertThat(outcome.how())
                .as("%s to %s", dialler, target)
                .isIn((Object[]) expected(dialler, target))));
  }

  @ParameterizedTest
  @CsvSource({
    "OPEN, public",
    "CONE, public",
    "UPNP, port-mapped",
    "NAT_PMP, port-mapped",
    "PORT_RESTRICTED, punchable",
    "SYMMETRIC, relay-only",
    "BLOCKED, cut off"
  })
  void theDoctorSaysHowOthersReachEach(Router router, String word) throws Exception {
    String said = new NatLab(folder).doctor(word, router);
    System.out.println(router + "\n" + said);
    assertThat(said).contains(" reach          " + word + ": ");
  }

  private static How[] expected(Router dialler, Router target) {
    if (target == Router.OPEN) {
      return new How[] {How.DIRECT};
    }
    boolean symmetric = dialler == Router.SYMMETRIC || target == Router.SYMMETRIC;
    boolean restricted = dialler.compareTo(Router.CONE) > 0 && target.compareTo(Router.CONE) > 0;
    if (symmetric && restricted) {
      return new How[] {How.RELAYED};
    }
    // Whoever is let in by everybody may be dialled before both have dialled.
    return new How[] {How.REVERSED, How.PUNCHED};
  }

  private static String line(Router dialler, Map<Router, Outcome> row) {
    StringJoiner line = new StringJoiner(" | ", "| ", " |");
    line.add(dialler.toString());
    row.values()
        .forEach(o ->
            line.add(
                o.how() + " " + o.firstMs() + (o.how() == How.RELAYED ? "" : "/" + o.directMs())));
    return line.toString();
  }
}
