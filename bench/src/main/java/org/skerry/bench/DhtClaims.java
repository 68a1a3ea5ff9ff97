package org.skerry.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.skerry.bench.Report.Row;
import org.skerry.simulation.claim.ClaimFigures;
import org.skerry.simulation.claim.ClaimNetwork;
import org.skerry.simulation.claim.ClaimScenario;

/** Volunteers come at once and die every few seconds; and four times more of them than units. */
final class DhtClaims {
  private static final int UNITS = 64;
  private static final long DYING_MS = 10 * 60_000;

  private final int units;
  private final Tally exact = new Tally();
  private final List<ClaimFigures> rushes = new ArrayList<>();
  private final List<ClaimFigures> crowds = new ArrayList<>();

  DhtClaims(int units) {
    this.units = units;
  }

  /** What claims of one seed came to: of a rush, and of a crowd. */
  record Measured(ClaimFigures rush, ClaimFigures crowd) {}

  Measured measure(long seed) {
    return new Measured(
        ClaimNetwork.run(seed, sized(ClaimScenario.rush()), DYING_MS),
        ClaimNetwork.run(seed, sized(ClaimScenario.crowd()), DYING_MS));
  }

  void add(Measured measured) {
    rushes.add(measured.rush());
    crowds.add(measured.crowd());
    exact.add(units, Math.round(units * measured.rush().claimsExact()));
  }

  private ClaimScenario sized(ClaimScenario usual) {
    return usual.of(
        Math.max(2, usual.peers() * units / UNITS),
        units,
        usual.redundancy(),
        usual.killEveryMs() * UNITS / units);
  }

  Row row() {
    return exact.row("units claimed exactly");
  }

  void addTo(Map<String, Object> figures) {
    figures.put("claims_exact", least(rushes, ClaimFigures::claimsExact));
    figures.put("claims_first_round", least(rushes, ClaimFigures::firstRound));
    figures.put("claims_overlap", most(rushes, ClaimFigures::overlap));
    figures.put("claims_idle", most(rushes, ClaimFigures::idle));
    figures.put("claims_longest_idle_s", most(rushes, f -> f.longestIdleMs() / 1e3));
    figures.put("claims_wasted", most(rushes, ClaimFigures::wasted));
    figures.put("crowd_exact", least(crowds, ClaimFigures::claimsExact));
    figures.put("crowd_useful", least(crowds, ClaimFigures::useful));
    figures.put("crowd_training", least(crowds, ClaimFigures::training));
    figures.put("crowd_measuring", least(crowds, ClaimFigures::measuring));
    figures.put("crowd_keeping", least(crowds, ClaimFigures::keeping));
  }

  private static double least(List<ClaimFigures> all, ToDoubleFunction<ClaimFigures> figure) {
    return Report.rounded(all.stream().mapToDouble(figure).min().orElseThrow());
  }

  private static double most(List<ClaimFigures> all, ToDoubleFunction<ClaimFigures> figure) {
    return Report.rounded(all.stream().mapToDouble(figure).max().orElseThrow());
  }
}
