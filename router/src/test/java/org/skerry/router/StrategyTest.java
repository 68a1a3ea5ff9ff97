package org.skerry.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StrategyTest {
  private static final double[] P = {0.1, 0.4, 0.4, 0.1};

  @Test
  void fullKeepsEveryProbability() {
    assertThat(new Strategy.Full().shares(P)).containsExactly(P);
  }

  @Test
  void topKKeepsTheBestRenormalisedAndOfEqualsTheFirst() {
    assertThat(new Strategy.TopK(2).shares(P)).containsExactly(0, 0.5, 0.5, 0);
    assertThat(new Strategy.Top1().shares(P)).containsExactly(0, 1, 0, 0);
    assertThat(new Strategy.TopK(9).shares(P)).containsExactly(P);
  }

  @Test
  void thresholdKeepsWhatIsProbableEnoughAndNeverNothing() {
    assertThat(new Strategy.Threshold(0.2).shares(P)).containsExactly(0, 0.5, 0.5, 0);
    assertThat(new Strategy.Threshold(0.1).shares(P)).containsExactly(P);
    assertThat(new Strategy.Threshold(0.5).shares(P)).containsExactly(0, 1, 0, 0);
    assertThatThrownBy(() -> Strategy.parse("threshold-0.0")).hasMessageContaining("(0, 1]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "full",
        "top-1",
        "top-2",
        "top-12",
        "threshold-0.05",
        "threshold-0.000001",
        "threshold-1"
      })
  void textIsReadBack(String text) {
    assertThat(Strategy.parse(text).text()).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "top-0",
        "top-",
        "top--1",
        "top-999999",
        "best",
        "threshold-0",
        "threshold-2",
        "threshold"
      })
  void otherTextIsRefused(String text) {
    assertThatThrownBy(() -> Strategy.parse(text)).hasMessageContaining("use full, top-1");
  }
}
