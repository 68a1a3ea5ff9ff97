package org.skerry.trainer.clustering;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * k-medoids of many points: {@link FasterPam} on five samples of {@code 80 + 4 k} points, each with
 * the best medoids so far among them; the medoids with the smallest loss over all points win
 * (CLARA, Kaufman and Rousseeuw 1986; FasterCLARA, arXiv 2008.05171).
 */
public final class FasterClara {
  private static final int SAMPLES = 5;

  private FasterClara() {}

  /**
   * @param vectors {@code [n, features]}, compared by Euclidean distance
   * @param k at least 2, at most n
   */
  public static Medoids fit(float[][] vectors, int k, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int size = Math.min(vectors.length, 80 + 4 * k);
    Medoids best = ofSample(vectors, k, draw(vectors.length, size, new int[0], random), random);
    for (int s = 1; s < SAMPLES; s++) {
      int[] sample = draw(vectors.length, size, best.medoids(), random);
      Medoids found = ofSample(vectors, k, sample, random);
      if (found.loss() < best.loss()) {
        best = found;
      }
    }
    return best;
  }

  private static int[] draw(int n, int size, int[] kept, SplittableRandom random) {
    Set<Integer> sample = new LinkedHashSet<>();
    Arrays.stream(kept).forEach(sample::add);
    while (sample.size() < size) {
      sample.add(random.nextInt(n));
    }
    return sample.stream().mapToInt(Integer::intValue).toArray();
  }

  private static Medoids ofSample(float[][] vectors, int k, int[] sample, SplittableRandom random) {
    float[][] chosen = IntStream.of(sample).mapToObj(i -> vectors[i]).toArray(float[][]::new);
    Medoids local =
        FasterPam.fit(Dissimilarities.euclidean(chosen), Medoids.draw(sample.length, k, random));
    int[] medoids = IntStream.of(local.medoids()).map(i -> sample[i]).toArray();
    return assign(vectors, medoids, local.swaps());
  }

  private static Medoids assign(float[][] vectors, int[] medoids, int swaps) {
    int[] assigned = new int[vectors.length];
    double[] distance = new double[vectors.length];
    IntStream.range(0, vectors.length)
        .parallel()
        .forEach(i -> {
          distance[i] = Double.POSITIVE_INFINITY;
          for (int m = 0; m < medoids.length; m++) {
            double d = Dissimilarities.squaredDistance(vectors[i], vectors[medoids[m]]);
            if (d < distance[i]) {
              distance[i] = d;
              assigned[i] = m;
            }
          }
        });
    double loss = 0;
    for (double d : distance) {
      loss += Math.sqrt(d);
    }
    return new Medoids(medoids, assigned, loss, swaps);
  }
}
