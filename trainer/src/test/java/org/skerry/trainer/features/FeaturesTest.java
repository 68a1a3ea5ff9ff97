package org.skerry.trainer.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.ImageInfo;
import org.skerry.trainer.dataset.ImageSet;

class FeaturesTest {
  @Test
  void aFlatImageHasItsColourAndNoEdges() {
    byte[] planes = new byte[3 * 16 * 16];
    Arrays.fill(planes, 0, 256, (byte) 255);
    float[] features =
        BuiltInFeatures.of(new ImageSet.Builder(16).add(ImageInfo.of("a"), planes).build())[0];
    assertThat(features).hasSize(BuiltInFeatures.COUNT);
    assertThat(Arrays.copyOfRange(features, 0, 64)).containsOnly(1f);
    assertThat(Arrays.copyOfRange(features, 64, 192)).containsOnly(-1f);
    assertThat(Arrays.copyOfRange(features, 192, 304)).containsOnly(0f);
  }

  @Test
  void aVerticalEdgeShowsInItsCellsOnly() {
    byte[] planes = new byte[3 * 32 * 32];
    for (int i = 0; i < planes.length; i++) {
      planes[i] = (byte) (i % 32 < 6 ? 0 : 255);
    }
    float[] features =
        BuiltInFeatures.of(new ImageSet.Builder(32).add(ImageInfo.of("a"), planes).build())[0];
    // The step of 2 between columns 5 and 6 lies in the second of seven cells a row; one of the
    // four differences of each row of the cell, twice weighted.
    for (int cell = 0; cell < 56; cell++) {
      assertThat(features[192 + cell]).isCloseTo(cell % 7 == 1 ? 1f : 0f, within(1e-5f));
      assertThat(features[248 + cell]).isZero();
    }
  }

  @Test
  void componentsAreUncorrelatedAndOrderedByVariance() {
    SplittableRandom random = new SplittableRandom(4);
    float[][] rows = new float[500][6];
    for (float[] row : rows) {
      double shared = random.nextGaussian();
      for (int j = 0; j < row.length; j++) {
        row[j] = (float) (3 + shared * j + random.nextGaussian());
      }
    }
    Moments moments = Moments.of(PrincipalComponents.fit(rows, 4).project(rows));
    for (int a = 0; a < 4; a++) {
      assertThat(moments.mean()[a]).isCloseTo(0, within(1e-4));
      for (int b = 0; b < a; b++) {
        assertThat(moments.covariance()[a][b]).isCloseTo(0, within(1e-3));
        assertThat(moments.covariance()[a][a]).isLessThanOrEqualTo(moments.covariance()[b][b]);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 59, 200})
  void fewerImagesThanFeaturesHaveComponentsToo(int count) {
    SplittableRandom random = new SplittableRandom(count);
    float[] noise = new float[count * 3 * 8 * 8];
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (float) random.nextDouble(-1, 1);
    }
    ImageSet images = ImageSet.fromFloats(8, noise);
    float[][] projected = FeatureSpace.fit(images).project(images);
    assertThat(projected[0]).hasSize(Math.min(FeatureSpace.COMPONENTS, count - 1));
    assertThat(Arrays.asList(projected))
        .allSatisfy(row -> assertThat(row).doesNotContain(Float.NaN));
  }

  @Test
  void imagesThatAreAllAlikeHaveAPlaceToo() {
    float[][] directions =
        FeatureSpace.fit(ImageSet.fromFloats(8, new float[5 * 3 * 8 * 8]))
            .directions(ImageSet.fromFloats(8, new float[5 * 3 * 8 * 8]));
    assertThat(Arrays.asList(directions))
        .allSatisfy(row -> assertThat(row).doesNotContain(Float.NaN));
  }

  @Test
  void directionsHaveLengthOne() {
    ImageSet images = BuiltInPictures.generate(100, 16, 1);
    for (float[] row : FeatureSpace.fit(images).directions(images)) {
      double square = 0;
      for (float value : row) {
        square += value * value;
      }
      assertThat(square).isCloseTo(1, within(1e-4));
    }
  }
}
