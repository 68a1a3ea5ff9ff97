package org.skerry.trainer.worker.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ShardsTest {
  @Test
  void aSampleIsLabelledWithThePartitionOfItsTar() {
    List<List<String>> partitions = List.of(List.of("a", "b"), List.of("c"), List.of("d"));
    assertThat(Shards.partitionLabels(partitions, List.of(2, 1, 3, 1)))
        .containsExactly(0, 0, 0, 1, 1, 1, 2);
  }
}
