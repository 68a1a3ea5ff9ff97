package org.skerry.trainer.clustering;

import java.util.Arrays;

/**
 * The state of a k-medoids search by swaps: of every point its nearest and second nearest medoid,
 * and of every medoid what the loss would grow by without it. With these, the change of the loss by
 * putting a point {@code j} in the place of each of the {@code k} medoids takes one pass over the
 * points instead of {@code k} (Schubert and Rousseeuw, arXiv 1810.05691 and 2008.05171): with
 * {@code d1} and {@code d2} the dissimilarities of {@code o} to its nearest and second medoid,
 *
 * <pre>
 * d(o, j) &lt; d1       : for all medoids  d(o, j) - d1,  and for o's nearest one  d1 - d2
 * d1 ≤ d(o, j) &lt; d2  : for o's nearest one  d(o, j) - d2
 * </pre>
 *
 * on top of each medoid's sum of {@code d2 - d1}. Used by one thread.
 */
final class MedoidSearch {
  /** Smaller gains, as a share of the loss, are rounding: following them might never end. */
  private static final double ROUNDING = 1e-12;

  private final Dissimilarities points;
  private final int n;
  private final int k;
  private final int[] medoids;
  private final boolean[] isMedoid;
  private final int[] near;
  private final int[] second;
  private final float[] nearDistance;
  private final float[] secondDistance;
  private final double[] removal;
  private final double[] change;
  private double loss;
  private int swaps;

  MedoidSearch(Dissimilarities points, int[] initial) {
    this.points = points;
    n = points.size();
    k = initial.length;
    if (k < 2 || k > n) {
      throw new IllegalArgumentException(k + " medoids of " + n + " points");
    }
    medoids = initial.clone();
    isMedoid = new boolean[n];
    for (int medoid : medoids) {
      if (isMedoid[medoid]) {
        throw new IllegalArgumentException("point " + medoid + " is a medoid twice");
      }
      isMedoid[medoid] = true;
    }
    near = new int[n];
    second = new int[n];
    nearDistance = new float[n];
    secondDistance = new float[n];
    removal = new double[k];
    change = new double[k];
    for (int o = 0; o < n; o++) {
      findBoth(o);
    }
    sumUp();
  }

  /** What replacing a medoid by a point would change the loss by. */
  record Swap(int position, double change) {}

  /** The best position for {@code candidate}; ties go to the lower position. */
  Swap best(int candidate) {
    float[] row = points.row(candidate);
    System.arraycopy(removal, 0, change, 0, k);
    double forAll = 0;
    for (int o = 0; o < n; o++) {
      float d = row[o];
      if (d < nearDistance[o]) {
        forAll += (double) d - nearDistance[o];
        change[near[o]] += (double) nearDistance[o] - secondDistance[o];
      } else if (d < secondDistance[o]) {
        change[near[o]] += (double) d - secondDistance[o];
      }
    }
    int best = 0;
    for (int i = 1; i < k; i++) {
      if (change[i] < change[best]) {
        best = i;
      }
    }
    return new Swap(best, change[best] + forAll);
  }

  boolean isMedoid(int point) {
    return isMedoid[point];
  }

  boolean improves(Swap swap) {
    return swap.change() < -ROUNDING * loss;
  }

  /** Puts {@code candidate} in the place of the medoid at {@code position}. */
  void swap(int position, int candidate) {
    isMedoid[medoids[position]] = false;
    isMedoid[candidate] = true;
    medoids[position] = candidate;
    float[] row = points.row(candidate);
    for (int o = 0; o < n; o++) {
      float d = row[o];
      if (near[o] == position) {
        if (d < secondDistance[o]) {
          nearDistance[o] = d;
        } else {
          near[o] = second[o];
          nearDistance[o] = secondDistance[o];
          findSecond(o);
        }
      } else if (d < nearDistance[o]) {
        second[o] = near[o];
        secondDistance[o] = nearDistance[o];
        near[o] = position;
        nearDistance[o] = d;
      } else if (second[o] == position) {
        findSecond(o);
      } else if (d < secondDistance[o]) {
        second[o] = position;
        secondDistance[o] = d;
      }
    }
    sumUp();
    swaps++;
  }

  Medoids result() {
    return new Medoids(medoids, near, loss, swaps);
  }

  private void findBoth(int o) {
    near[o] = 0;
    nearDistance[o] = points.between(medoids[0], o);
    for (int i = 1; i < k; i++) {
      float d = points.between(medoids[i], o);
      if (d < nearDistance[o]) {
        near[o] = i;
        nearDistance[o] = d;
      }
    }
    findSecond(o);
  }

  private void findSecond(int o) {
    secondDistance[o] = Float.POSITIVE_INFINITY;
    for (int i = 0; i < k; i++) {
      if (i != near[o]) {
        float d = points.between(medoids[i], o);
        if (d < secondDistance[o]) {
          second[o] = i;
          secondDistance[o] = d;
        }
      }
    }
  }

  private void sumUp() {
    Arrays.fill(removal, 0);
    loss = 0;
    for (int o = 0; o < n; o++) {
      loss += nearDistance[o];
      removal[near[o]] += (double) secondDistance[o] - nearDistance[o];
    }
  }
}
