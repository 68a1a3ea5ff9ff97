package org.skerry.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.skerry.node.control.TaskStatus;
import org.skerry.node.control.TaskStatus.LeaseStatus;
import org.skerry.node.control.TaskStatus.UnitStatus;

final class TaskNewsTest {
  private static LeaseStatus lease(String peer, String state, long step) {
    boolean live = !state.equals("lapsed") && !state.equals("released");
    return new LeaseStatus(peer, state, step, 3 << 20, 12.5, "cpu, 2 cores", live ? 42_900 : 0);
  }

  private static UnitStatus unit(
      List<LeaseStatus> leases, int manifests, int accepted, long step, boolean finished) {
    return new UnitStatus(
        "expert-0",
        500,
        0,
        0,
        0,
        0,
        0,
        0,
        1_000,
        leases.stream().filter(LeaseStatus::isLive).map(LeaseStatus::peer).toList(),
        leases,
        manifests,
        accepted,
        accepted == 0 ? "" : "manifest at " + step,
        step,
        accepted == 0 ? 0 : 0.31,
        finished);
  }

  private static TaskStatus task(UnitStatus unit) {
    return new TaskStatus(
        "bafytask",
        "emoji",
        "publisher",
        new TaskStatus.Terms(
            "", "CC0-1.0", "unet", "nothing", "", 1, 2, 1, 3, List.of(), 1, "", List.of()),
        List.of(unit));
  }

  private static TaskStatus held(LeaseStatus... leases) {
    return task(unit(List.of(leases), 0, 0, 0, false));
  }

  private static List<String> news(TaskStatus before, TaskStatus now) {
    return TaskNews.since(before, now);
  }

  @Test
  void tellsWhoComesFetchesTrainsAndHowFarItIs() {
    assertThat(news(held(), held(lease("peer-abcdefgh", "claimed", 0))))
        .containsExactly("expert-0    …cdefgh claims it (cpu, 2 cores)");
    assertThat(
            news(
                held(lease("peer-abcdefgh", "claimed", 0)),
                held(lease("peer-abcdefgh", "fetching", 0))))
        .containsExactly("expert-0    …cdefgh fetches data, 3.0 MiB so far");
    assertThat(
            news(
                held(lease("peer-abcdefgh", "training", 49)),
                held(lease("peer-abcdefgh", "training", 50))))
        .containsExactly("expert-0    …cdefgh trains: step 50 of 1000 (5 %), 12.5 samples/s");
    assertThat(
            news(
                held(lease("peer-abcdefgh", "training", 50)),
                held(lease("peer-abcdefgh", "training", 99))))
        .as("not every step")
        .isEmpty();
  }

  @Test
  void tellsWhichLeaseIsAtRiskAndHowItEnds() {
    TaskStatus training = held(lease("peer-abcdefgh", "training", 60));
    TaskStatus atRisk = held(lease("peer-abcdefgh", "at risk", 60));
    assertThat(news(training, atRisk))
        .containsExactly(
            "expert-0    …cdefgh shows nothing new: its lease ends in 42 s, at step 60 of 1000"
                + " (6 %), 12.5 samples/s");
    assertThat(news(atRisk, training).getFirst()).contains("is back: trains: step 60");
    assertThat(news(atRisk, held(lease("peer-abcdefgh", "lapsed", 60))))
        .containsExactly("expert-0    …cdefgh is gone: its lease ended at step 60");
    assertThat(news(training, held(lease("peer-abcdefgh", "released", 61))))
        .containsExactly("expert-0    …cdefgh gives it back at step 61");
    assertThat(news(training, held()))
        .containsExactly("expert-0    …cdefgh is no longer on the board");
  }

  @Test
  void tellsWhatEvaluatorsSay() {
    TaskStatus none = task(unit(List.of(), 0, 0, 0, false));
    TaskStatus published = task(unit(List.of(), 1, 0, 0, false));
    TaskStatus accepted = task(unit(List.of(), 1, 1, 300, false));
    TaskStatus finished = task(unit(List.of(), 2, 2, 1_000, true));
    assertThat(news(none, published).getFirst()).contains("evaluators have not decided");
    assertThat(news(published, accepted))
        .containsExactly("expert-0    accepted and the best: step 300, loss 0.3100");
    assertThat(news(accepted, finished))
        .containsExactly("expert-0    finished: step 1000, loss 0.3100");
    assertThat(news(accepted, accepted)).isEmpty();
  }

  @Test
  void beginsWithWhereTheTaskIs() {
    assertThat(TaskNews.overview(held(lease("peer-abcdefgh", "at risk", 60))))
        .first()
        .isEqualTo(
            "emoji: 0 of 1 units have accepted weights, 0 are finished; 1 claimed, 1 of the leases"
                + " at risk");
    assertThat(TaskNews.overview(held()))
        .contains("expert-0    no weights yet", "expert-0    nobody works on it");
  }
}
