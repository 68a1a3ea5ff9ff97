package org.skerry.trainer.clustering;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.PictureFamily;
import org.skerry.trainer.features.FeatureSpace;

class TwoStageClusteringTest {
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void findsWellSeparatedGroups(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int groups = 4;
    float[][] vectors = new float[400][];
    for (int i = 0; i < vectors.length; i++) {
      double[] vector = new double[8];
      for (int j = 0; j < vector.length; j++) {
        vector[j] = 0.1 * random.nextGaussian() + (j == i % groups ? 1 : 0);
      }
      vectors[i] = SphericalKMeans.normalized(vector);
    }
    int[] assigned = TwoStageClustering.partition(vectors, groups, seed);
    for (int i = groups; i < vectors.length; i++) {
      assertThat(assigned[i]).isEqualTo(assigned[i % groups]);
    }
    assertThat(Arrays.stream(assigned).distinct().count()).isEqualTo(groups);
  }

  @Test
  void isAPureFunctionOfVectorsAndSeed() {
    float[][] vectors = pictureVectors(320);
    assertThat(TwoStageClustering.partition(vectors, 4, 9))
        .isEqualTo(TwoStageClustering.partition(vectors, 4, 9));
  }

  @Test
  void balancesPartitionsAndKeepsFamiliesTogether() {
    ImageSet images = BuiltInPictures.generate(640, 16, 1);
    int[] assigned =
        TwoStageClustering.partition(FeatureSpace.fit(images).directions(images), 4, 1);
    for (int k = 0; k < 4; k++) {
      int partition = k;
      assertThat(Arrays.stream(assigned).filter(a -> a == partition).count()).isBetween(100L, 220L);
    }
    int together = 0;
    for (PictureFamily family : PictureFamily.values()) {
      int[] counts = new int[4];
      IntStream.range(0, images.count())
          .filter(i -> i % PictureFamily.values().length == family.ordinal())
          .forEach(i -> counts[assigned[i]]++);
      together += Arrays.stream(counts).max().orElseThrow();
    }
    assertThat(together).isGreaterThan(images.count() * 95 / 100);
  }

  private static float[][] pictureVectors(int count) {
    ImageSet images = BuiltInPictures.generate(count, 16, 1);
    return FeatureSpace.fit(images).directions(images);
  }
}
