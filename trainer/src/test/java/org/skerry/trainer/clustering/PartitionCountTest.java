package org.skerry.trainer.clustering;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionCountTest {
  private static final int FEATURES = 16;

  /** Directions around {@code groups} directions of their own. */
  private static float[][] blobs(int n, int groups, double spread, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] centres = new double[groups][FEATURES];
    for (int g = 0; g < groups; g++) {
      for (int j = 0; j < FEATURES; j++) {
        centres[g][j] = (j == g ? 1 : 0) + 0.1 * random.nextGaussian();
      }
    }
    float[][] out = new float[n][];
    for (int i = 0; i < n; i++) {
      double[] vector = new double[FEATURES];
      for (int j = 0; j < FEATURES; j++) {
        vector[j] = centres[i % groups][j] + spread * random.nextGaussian();
      }
      out[i] = SphericalKMeans.normalized(vector);
    }
    return out;
  }

  @ParameterizedTest(name = "{0} groups, seed {1}")
  @CsvSource({"2, 1", "3, 2", "5, 3", "5, 4", "8, 5", "8, 6", "12, 7"})
  void findsTheNumberOfGroups(int groups, long seed) {
    PartitionCount count = PartitionCount.choose(blobs(1_200, groups, 0.12, seed), 24);
    assertThat(count.k()).as("%s", count.trials()).isEqualTo(groups);
    assertThat(count.reason().getFirst()).startsWith(groups + " experts: ");
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2})
  void oneLongGroupIsNotCutInPieces(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[][] vectors = new float[1_000][];
    for (int i = 0; i < vectors.length; i++) {
      double[] vector = new double[FEATURES];
      Arrays.setAll(vector, j -> (j == 1 ? 0.25 : 0.04) * random.nextGaussian());
      vector[0] += 1;
      vectors[i] = SphericalKMeans.normalized(vector);
    }
    PartitionCount count = PartitionCount.choose(vectors, 24);
    assertThat(count.k()).as("%s", count.trials()).isEqualTo(1);
    assertThat(count.trials().getFirst().overlap()).isGreaterThan(0.75);
    assertThat(count.reason().getFirst()).startsWith("1 expert: ");
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2})
  void doesNotDependOnTheOrderOfTheImages(long seed) {
    List<float[]> rows = Arrays.asList(blobs(800, 6, 0.15, seed));
    PartitionCount before = PartitionCount.choose(rows.toArray(float[][]::new), 24);
    Collections.shuffle(rows, new Random(seed));
    assertThat(PartitionCount.choose(rows.toArray(float[][]::new), 24)).isEqualTo(before);
    assertThat(before.k()).isEqualTo(6);
  }

  @Test
  void keepsGroupsLargeEnoughToTrainOn() {
    float[][] vectors = blobs(200, 8, 0.05, 1);
    assertThat(PartitionCount.choose(vectors, 20).k()).isEqualTo(8);
    PartitionCount coarse = PartitionCount.choose(vectors, 60);
    assertThat(coarse.k()).isLessThan(4);
    assertThat(PartitionCount.choose(Arrays.copyOf(vectors, 5), 24).k()).isEqualTo(1);
  }

  @Test
  void mixturesPreferTheNumberOfGaussiansThatMadeThePoints() {
    float[][] vectors = blobs(900, 3, 0.1, 1);
    int[] three = IntStream.range(0, 900).map(i -> i % 3).toArray();
    int[] two = IntStream.of(three).map(g -> Math.min(g, 1)).toArray();
    int[] four =
        IntStream.range(0, 900).map(i -> i % 3 == 2 && vectors[i][4] > 0 ? 3 : i % 3).toArray();
    double right = GaussianMixture.bic(vectors, three, 3);
    assertThat(right)
        .isLessThan(GaussianMixture.bic(vectors, two, 2))
        .isLessThan(GaussianMixture.bic(vectors, four, 4));
  }
}
