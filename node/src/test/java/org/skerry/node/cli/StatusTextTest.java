package org.skerry.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.skerry.node.traffic.TrafficReport;
import org.skerry.node.traffic.TrafficReport.Direction;
import org.skerry.node.traffic.TrafficReport.Owner;

class StatusTextTest {
  private static final Direction UP = new Direction(1 << 20, 2 << 20, 256L << 10, null, null, null);
  private static final Direction DOWN =
      new Direction(3 << 20, 4 << 20, 8L << 20, 1L << 20, 5L << 30, null);

  @Test
  void saysWhichRatesHoldAndWhy() {
    Owner active = new Owner("active", "its console is in use", 1_000, true);
    assertThat(StatusText.lines(new TrafficReport(UP, DOWN, active)))
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .isEqualTo("sent 1.0 MiB today, 2.0 MiB this month, at most 256.0 KiB/s"),
            line ->
                assertThat(line)
                    .isEqualTo(
                        "received 3.0 MiB today of 5.0 GiB, 4.0 MiB this month,"
                            + " at most 8.0 MiB/s, at most 1.0 MiB/s per peer"),
            line ->
                assertThat(line)
                    .startsWith("owner is active since ")
                    .endsWith(" (its console is in use): the rates of limits.while-active hold"));
    Owner away = new Owner("away", "no input", 1_000, false);
    assertThat(StatusText.lines(new TrafficReport(UP, DOWN, away)).getLast())
        .startsWith("owner is away since ")
        .endsWith(" (no input): the usual rates hold");
    Owner unknown = new Owner("unknown", "loginctl cannot be run", 1_000, true);
    assertThat(StatusText.lines(new TrafficReport(UP, DOWN, unknown)).getLast())
        .isEqualTo(
            "unknown whether the owner is active (loginctl cannot be run):"
                + " the rates of limits.while-active hold");
  }

  @Test
  void saysNothingOfTheOwnerWhereNothingDependsOnHim() {
    assertThat(StatusText.lines(new TrafficReport(UP, DOWN, null))).hasSize(2);
  }
}
