package org.skerry.trainer.clustering;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Centroids feature by feature, in blocks that fit the first-level cache, so that one feature of a
 * point meets many centroids in each vector instruction. Rows are arrays of their own and share one
 * index: that is what lets the compiler vectorise the loop.
 */
final class CentroidTable {
  private static final int MAX_WIDTH = 128;
  private static final int LANES = 8;
  private static final int CHUNK = 256;

  private final int centroids;
  private final int features;
  private final int width;
  private final float[][][] blocks;

  CentroidTable(float[][] centroids) {
    this.centroids = centroids.length;
    features = centroids[0].length;
    width = Math.min(MAX_WIDTH, (centroids.length + LANES - 1) / LANES * LANES);
    blocks = new float[(centroids.length + width - 1) / width][features][width];
    for (int c = 0; c < centroids.length; c++) {
      for (int j = 0; j < features; j++) {
        blocks[c / width][j][c % width] = centroids[c][j];
      }
    }
  }

  /**
   * The centroid of largest dot product with each point, and that product.
   *
   * @param centroid index for every point; ties go to the lower one
   * @param similarity for every point
   */
  @SuppressWarnings("ArrayRecordComponent") // numeric scratch, never shared
  record Nearest(int[] centroid, float[] similarity) {
    /** Summed in the order of the points. */
    double total() {
      double sum = 0;
      for (float value : similarity) {
        sum += value;
      }
      return sum;
    }
  }

  Nearest nearest(float[][] points) {
    Nearest nearest = new Nearest(new int[points.length], new float[points.length]);
    Arrays.fill(nearest.similarity(), Float.NEGATIVE_INFINITY);
    IntStream.range(0, (points.length + CHUNK - 1) / CHUNK)
        .parallel()
        .forEach(chunk ->
            search(points, chunk * CHUNK, Math.min(points.length, (chunk + 1) * CHUNK), nearest));
    return nearest;
  }

  private void search(float[][] points, int from, int to, Nearest nearest) {
    float[] dots = new float[width];
    for (int b = 0; b < blocks.length; b++) {
      int used = Math.min(width, centroids - b * width);
      for (int p = from; p < to; p++) {
        dots(points[p], blocks[b], dots);
        int best = nearest.centroid()[p];
        float bestDot = nearest.similarity()[p];
        for (int c = 0; c < used; c++) {
          if (dots[c] > bestDot) {
            bestDot = dots[c];
            best = b * width + c;
          }
        }
        nearest.centroid()[p] = best;
        nearest.similarity()[p] = bestDot;
      }
    }
  }

  private void dots(float[] point, float[][] block, float[] dots) {
    Arrays.fill(dots, 0);
    int j = 0;
    for (; j + 4 <= features; j += 4) {
      addFour(point, j, block[j], block[j + 1], block[j + 2], block[j + 3], dots);
    }
    for (; j < features; j++) {
      addOne(point[j], block[j], dots);
    }
  }

  private static void addFour(
      float[] point, int j, float[] r0, float[] r1, float[] r2, float[] r3, float[] dots) {
    float a0 = point[j];
    float a1 = point[j + 1];
    float a2 = point[j + 2];
    float a3 = point[j + 3];
    for (int c = 0; c < dots.length; c++) {
      dots[c] += a0 * r0[c] + a1 * r1[c] + a2 * r2[c] + a3 * r3[c];
    }
  }

  private static void addOne(float a, float[] row, float[] dots) {
    for (int c = 0; c < dots.length; c++) {
      dots[c] += a * row[c];
    }
  }
}
