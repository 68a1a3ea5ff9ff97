package org.skerry.node.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

final class TaskStatusTest {
  @Test
  void readsBackWhatTheDaemonWrites() {
    TaskStatus.LeaseStatus lease =
        new TaskStatus.LeaseStatus("peer", "at risk", 60, 1 << 20, 12.5, "cpu", 42_000);
    TaskStatus.UnitStatus unit =
        new TaskStatus.UnitStatus(
            "expert-0",
            500,
            1,
            2,
            3,
            4,
            5,
            6,
            1_000,
            List.of("peer"),
            List.of(lease),
            1,
            1,
            "manifest",
            300,
            0.31,
            false);
    TaskStatus task =
        new TaskStatus(
            "id",
            "emoji",
            "publisher",
            new TaskStatus.Terms(
                "", "CC0-1.0", "unet", "nothing", "", 1, 2, 1, 3, List.of(), 1, "", List.of()),
            List.of(unit));
    JsonMapper json = JsonMapper.builder().build();
    assertThat(json.readValue(json.writeValueAsString(task), TaskStatus.class)).isEqualTo(task);
  }
}
