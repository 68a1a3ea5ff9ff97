package org.skerry.trainer.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class BoxFilterTest {
  private static final float[] PLANE = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

  @Test
  void halvingIsTheMeanOfFourPixelsAndKeepsTheOrientation() {
    assertThat(BoxFilter.resize(PLANE, 4, 2)).containsExactly(2.5f, 4.5f, 10.5f, 12.5f);
  }

  @Test
  void doublingRepeatsPixels() {
    float[] doubled = BoxFilter.resize(new float[] {1, 2, 3, 4}, 2, 4);
    assertThat(doubled).containsExactly(1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4);
  }

  @Test
  void anyRatioKeepsTheMean() {
    float sum = 0;
    for (float value : BoxFilter.resize(PLANE, 4, 3)) {
      sum += value / 9;
    }
    assertThat(sum).isCloseTo(7.5f, within(1e-5f));
  }
}
