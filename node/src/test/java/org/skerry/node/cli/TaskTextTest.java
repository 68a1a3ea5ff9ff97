package org.skerry.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.skerry.node.control.TaskStatus;

class TaskTextTest {
  @Test
  void saysWhatIsTrainedOnWhatTermsAndWhereItComesFrom() {
    TaskStatus.Terms terms =
        new TaskStatus.Terms(
            "Coasts of the north",
            "CC-BY-4.0",
            "dit 32x32x4, width 384, depth 12",
            "texts",
            "autoencoder-kl",
            50_000,
            256,
            2,
            900_000,
            List.of("12D3one", "12D3two", "12D3three"),
            2,
            "bafyparent",
            List.of("bafyfork"));
    assertThat(TaskText.lines(new TaskStatus("bafy", "coast", "12D3pub", terms, List.of())))
        .containsExactly(
            "coast  bafy",
            "published by 12D3pub",
            "Coasts of the north",
            "licence CC-BY-4.0",
            "experts: dit 32x32x4, width 384, depth 12 of latents (autoencoder-kl); told what an"
                + " image's text says; 50000 steps of 256",
            "2 peers on a unit at once, a lease is 900 s; 2 of 3 evaluators must accept",
            "extends bafyparent",
            "goes on with the weights of bafyfork");
  }
}
