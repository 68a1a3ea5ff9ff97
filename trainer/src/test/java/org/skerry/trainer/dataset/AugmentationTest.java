package org.skerry.trainer.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.skerry.diffusion.SeededRandom;

class AugmentationTest {
  private static final int SIZE = 8;
  private static final SampleFormat FORMAT = SampleFormat.pixels(SIZE);
  private static final float[] RAMP = ramp();

  @Test
  void flipsHalfOfTheTimeAndChangesNothingElse() {
    float[] mirrored = new float[RAMP.length];
    for (int i = 0; i < RAMP.length; i++) {
      mirrored[i] = RAMP[i / SIZE * SIZE + SIZE - 1 - i % SIZE];
    }
    int flips = 0;
    for (int draw = 0; draw < 200; draw++) {
      float[] result = apply(new Augmentation(true, 0, 1), draw);
      boolean flipped = Arrays.equals(result, mirrored);
      flips += flipped ? 1 : 0;
      assertThat(flipped || Arrays.equals(result, RAMP)).isTrue();
    }
    assertThat(flips).isBetween(75, 125);
  }

  @Test
  void shiftsByWholePixelsAndMirrorsAtTheEdges() {
    Set<Float> corners = new HashSet<>();
    for (int draw = 0; draw < 400; draw++) {
      float[] result = apply(new Augmentation(false, 2, 1), draw);
      corners.add(result[0]);
      for (float value : result) {
        assertThat(value).isEqualTo((float) (int) value);
      }
    }
    // Rows and columns 0, 1 and 2 come to the corner, from either side.
    assertThat(corners).containsExactlyInAnyOrder(0f, 1f, 2f, 8f, 9f, 10f, 16f, 17f, 18f);
  }

  @Test
  void cropsKeepAStraightRampStraight() {
    for (int draw = 0; draw < 50; draw++) {
      float[] result = apply(new Augmentation(false, 0, 0.5), draw);
      float step = result[4] - result[3];
      assertThat(step).isBetween(0.5f, 1f);
      for (int x = 1; x < SIZE - 1; x++) {
        assertThat(result[x] - result[x - 1]).isCloseTo(step, within(0.51f));
      }
      assertThat(result[SIZE * SIZE + 9] - result[9]).isCloseTo(100f, within(1e-3f));
    }
  }

  @Test
  void theSameGeneratorGivesTheSameResult() {
    Augmentation augmentation = new Augmentation(true, 3, 0.7);
    assertThat(apply(augmentation, 5)).isEqualTo(apply(augmentation, 5));
    assertThat(apply(augmentation, 5)).isNotEqualTo(apply(augmentation, 6));
    assertThat(apply(Augmentation.NONE, 5)).isEqualTo(RAMP);
  }

  @Test
  void refusesWhatIsOutOfRangeOrMeantForPixels() {
    assertThatThrownBy(() -> new Augmentation(true, -1, 1)).hasMessageContaining("padding -1");
    assertThatThrownBy(() -> new Augmentation(true, 0, 0)).hasMessageContaining("smallestCrop 0");
    assertThatThrownBy(() -> new Augmentation(true, 0, Double.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> new Augmentation(true, 8, 1).requireFit(FORMAT))
        .hasMessageContaining("not below the size 8");
    assertThatThrownBy(() -> new Augmentation(true, 0, 1).requireFit(SampleFormat.latents(4, 8)))
        .hasMessageContaining("before they are encoded");
    Augmentation.NONE.requireFit(SampleFormat.latents(4, 8));
  }

  private static float[] apply(Augmentation augmentation, long draw) {
    float[] target = new float[RAMP.length + 3];
    augmentation.apply(RAMP, FORMAT, SeededRandom.of(1, draw), target, 3);
    assertThat(Arrays.copyOf(target, 3)).containsOnly(0);
    return Arrays.copyOfRange(target, 3, target.length);
  }

  /** Value {@code 100 · channel + 8 · y + x}. */
  private static float[] ramp() {
    float[] values = new float[FORMAT.values()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i / (SIZE * SIZE) * 100 + i % (SIZE * SIZE);
    }
    return values;
  }
}
