package org.skerry.node.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.board.document.ModelFamily;
import org.skerry.board.document.ModelSpec;
import org.skerry.board.document.Recipe;
import org.skerry.trainer.partition.PartitionReport.Row;

class HeterogeneousPlanTest {
  private static final SmallRecipe SMALL =
      new SmallRecipe(16, 32, 32, 2_000, 600, 60_000, 60_000, 1, Optional.empty());
  private static final ModelSpec MODEL = SMALL.expertModel();
  private static final Recipe RECIPE = SMALL.expert();

  private static Row row(int images, double spread) {
    return new Row(images, spread, 0, 0);
  }

  @Test
  void largeAndDiversePartitionsGetMoreStepsAndAWiderModelThanSmallTightOnes() {
    HeterogeneousPlan plan =
        HeterogeneousPlan.propose(
            MODEL, RECIPE, List.of(row(4_000, 0.9), row(1_000, 0.6), row(1_000, 0.6)));

    HeterogeneousPlan.Expert large = plan.experts().get(0);
    HeterogeneousPlan.Expert small = plan.experts().get(1);
    assertThat(large.share()).isBetween(2.0, 3.0);
    assertThat(large.model().hidden()).isEqualTo(40);
    assertThat(small.model().hidden()).isEqualTo(24);
    assertThat(large.recipe().steps()).isGreaterThan(2_500);
    assertThat(small.recipe().steps()).isLessThan(1_500);
    assertThat(plan.experts().get(2).model()).isEqualTo(small.model());
    assertThat(plan.overrides(MODEL, RECIPE).models()).hasSize(3);
    assertThat(plan.lines()).hasSize(5);
    assertThat(plan.lines().get(1)).contains("4000", "0.900", "40");
    assertThat(plan.lines().getLast()).contains("of what equal experts would take");
  }

  @Test
  void equalPartitionsOverrideNothing() {
    HeterogeneousPlan plan =
        HeterogeneousPlan.propose(MODEL, RECIPE, List.of(row(500, 0.7), row(500, 0.7)));
    assertThat(plan.overrides(MODEL, RECIPE)).isEqualTo(ExpertOverrides.NONE);
    assertThat(plan.flops()).isEqualTo(plan.budget());
  }

  @Test
  void noExpertIsStarvedAndCopiesOfOneImageAreLearnedToo() {
    HeterogeneousPlan plan =
        HeterogeneousPlan.propose(
            MODEL, RECIPE, List.of(row(100_000, 1.2), row(30, 0), row(30, 0), row(30, 0)));
    assertThat(plan.experts().get(0).share()).isBetween(3.2, 3.3);
    assertThat(plan.experts()).allMatch(expert -> expert.share() >= 0.2499);
    assertThat(plan.experts().get(3).model().hidden()).isEqualTo(24);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void theBudgetIsUsedToAPercentAndNeverExceeded(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Row> rows = new ArrayList<>();
    int k = 1 + random.nextInt(16);
    for (int i = 0; i < k; i++) {
      rows.add(row(24 + random.nextInt(20_000), 0.05 + random.nextDouble()));
    }
    ModelSpec transformer = new ModelSpec(ModelFamily.SIT, 16, 4, 128, 4, 4, 2, 10);
    for (ModelSpec model : List.of(MODEL, transformer)) {
      HeterogeneousPlan plan = HeterogeneousPlan.propose(model, RECIPE, rows);
      assertThat(plan.flops()).as("seed %d", seed).isLessThanOrEqualTo(plan.budget());
      assertThat(plan.flops() / plan.budget()).as("seed %d", seed).isGreaterThan(0.99);
      assertThat(plan.experts().stream().mapToDouble(HeterogeneousPlan.Expert::share).sum())
          .isCloseTo(k, within(1e-6));
      assertThat(HeterogeneousPlan.propose(model, RECIPE, rows)).isEqualTo(plan);
    }
  }

  @Test
  void tooFewStepsToShareOutAreRefused() {
    Recipe one = RECIPE.withLength(1, 1);
    assertThatThrownBy(
            () -> HeterogeneousPlan.propose(MODEL, one, List.of(row(900, 0.9), row(30, 0.3))))
        .hasMessageContaining("--steps 1 are too few");
  }
}
