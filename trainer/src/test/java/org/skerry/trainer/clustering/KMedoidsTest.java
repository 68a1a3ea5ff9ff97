package org.skerry.trainer.clustering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KMedoidsTest {
  /** Whole numbers, so that sums are exact and equal losses are equal in any order of adding. */
  private static Dissimilarities random(int n, int most, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] lower = new float[n * (n - 1) / 2];
    for (int i = 0; i < lower.length; i++) {
      lower[i] = random.nextInt(1, most);
    }
    return Dissimilarities.ofLowerTriangle(n, lower);
  }

  @Test
  void fasterPamMakesThePublishedExamplesTwoSwaps() {
    Dissimilarities points = Dissimilarities.ofLowerTriangle(5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1);
    Medoids found = FasterPam.fit(points, 0, 1);
    assertThat(found.loss()).isEqualTo(4);
    assertThat(found.swaps()).isEqualTo(2);
    assertThat(found.assigned()).containsExactly(0, 0, 0, 1, 1);
  }

  @ParameterizedTest(name = "{0} points, {1} medoids, up to {2}, seed {3}")
  @CsvSource({
    "12, 2, 9, 1",
    "30, 3, 100, 2",
    "40, 5, 1000, 3",
    "40, 8, 20, 4",
    "60, 4, 1000000, 5",
    "60, 12, 1000, 6",
    "25, 24, 50, 7"
  })
  void fastPam1MakesTheSwapsOfTextbookPam(int n, int k, int most, long seed) {
    Dissimilarities points = random(n, most, seed);
    int[] initial = Medoids.draw(n, k, new SplittableRandom(seed));
    Medoids expected = TextbookPam.fit(points, initial);
    Medoids found = FastPam1.fit(points, initial);
    assertThat(found.medoids()).isEqualTo(expected.medoids());
    assertThat(found.swaps()).isEqualTo(expected.swaps());
    assertThat(found.loss()).isEqualTo(expected.loss());
    for (int o = 0; o < n; o++) {
      // Of two medoids as near as each other either may keep the point.
      assertThat(points.between(o, found.medoids()[found.assigned()[o]]))
          .isEqualTo(points.between(o, expected.medoids()[expected.assigned()[o]]));
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void fasterPamEndsWhereNoSwapHelps(long seed) {
    Dissimilarities points = random(50, 1000, seed);
    Medoids found = FasterPam.fitFromRandom(points, 6, seed);
    assertThat(found.loss()).isEqualTo(TextbookPam.loss(points, found.medoids()));
    assertThat(TextbookPam.fit(points, found.medoids()).swaps()).isZero();
    assertThat(FasterPam.fitFromRandom(points, 6, seed).medoids()).isEqualTo(found.medoids());
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void fasterClaraFindsTheGroupsOfManyPoints(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[][] vectors = new float[5_000][2];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i][0] = (float) (10 * (i % 5) + random.nextGaussian());
      vectors[i][1] = (float) random.nextGaussian();
    }
    Medoids found = FasterClara.fit(vectors, 5, seed);
    for (int i = 0; i < vectors.length; i++) {
      assertThat(found.medoids()[found.assigned()[i]] % 5).isEqualTo(i % 5);
    }
    // The mean distance from the centre of a planar normal distribution is sqrt(pi / 2).
    assertThat(found.loss() / vectors.length).isCloseTo(1.253, within(0.05));
    assertThat(FasterClara.fit(vectors, 5, seed).assigned()).isEqualTo(found.assigned());
  }

  @Test
  void refusesWhatIsNoTriangleAndMedoidsThatRepeat() {
    assertThatThrownBy(() -> Dissimilarities.ofLowerTriangle(3, 1, 2))
        .hasMessageContaining("no triangle of 3");
    assertThatThrownBy(() -> Dissimilarities.ofLowerTriangle(2, Float.NaN))
        .hasMessageContaining("NaN");
    Dissimilarities points = random(5, 9, 1);
    assertThatThrownBy(() -> FasterPam.fit(points, 2, 2)).hasMessageContaining("twice");
    assertThatThrownBy(() -> FastPam1.fit(points, 1)).hasMessageContaining("1 medoids");
  }

  @ParameterizedTest(name = "{0} centroids of {1} features")
  @CsvSource({"1, 3", "7, 48", "128, 5", "300, 48", "129, 1"})
  void centroidTableFindsTheLargestDotProduct(int k, int features) {
    SplittableRandom random = new SplittableRandom(k);
    float[][] points = directions(700, features, random);
    float[][] centroids = directions(k, features, random);
    CentroidTable.Nearest nearest = new CentroidTable(centroids).nearest(points);
    for (int i = 0; i < points.length; i++) {
      float[] point = points[i];
      double best =
          Arrays.stream(centroids)
              .mapToDouble(c -> SphericalKMeans.dot(c, point))
              .max()
              .orElseThrow();
      assertThat(SphericalKMeans.dot(centroids[nearest.centroid()[i]], point))
          .isCloseTo(best, within(1e-6));
      assertThat((double) nearest.similarity()[i]).isCloseTo(best, within(1e-6));
    }
  }

  private static float[][] directions(int n, int features, SplittableRandom random) {
    float[][] out = new float[n][];
    for (int i = 0; i < n; i++) {
      double[] vector = new double[features];
      Arrays.setAll(vector, j -> random.nextGaussian());
      out[i] = SphericalKMeans.normalized(vector);
    }
    return out;
  }
}
