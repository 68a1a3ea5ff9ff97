package org.skerry.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LossScaleTest {
  @Test
  void doublesAfterTwoThousandGoodStepsInARow() {
    LossScale scale = good(LossScale.INITIAL, 1_999);
    assertThat(scale).isEqualTo(new LossScale(65_536, 1_999));
    assertThat(scale.after(true)).isEqualTo(new LossScale(131_072, 0));
  }

  @Test
  void halvesAtEveryBadStepAndCountsAnew() {
    LossScale scale = good(LossScale.INITIAL, 1_999).after(false);
    assertThat(scale).isEqualTo(new LossScale(32_768, 0));
    assertThat(scale.after(false)).isEqualTo(new LossScale(16_384, 0));
    assertThat(good(scale, 1_999).factor()).isEqualTo(32_768);
    assertThat(good(scale, 2_000).factor()).isEqualTo(65_536);
  }

  @Test
  void staysBetweenOneAndItsLargest() {
    LossScale scale = LossScale.INITIAL;
    for (int i = 0; i < 16; i++) {
      assertThat(scale.isSmallest()).isFalse();
      scale = scale.after(false);
    }
    assertThat(scale.isSmallest()).isTrue();
    assertThat(scale.after(false)).isEqualTo(new LossScale(1, 0));
    assertThat(good(new LossScale(0x1p32, 0), 2_000).factor()).isEqualTo(0x1p32);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -2, 0.5, 3, 65_537, 0x1p33, Double.NaN, Double.POSITIVE_INFINITY})
  void isAPowerOfTwoInItsRange(double factor) {
    assertThatThrownBy(() -> new LossScale(factor, 0)).hasMessageContaining("power of two");
  }

  private static LossScale good(LossScale scale, int steps) {
    LossScale out = scale;
    for (int i = 0; i < steps; i++) {
      out = out.after(true);
    }
    return out;
  }
}
