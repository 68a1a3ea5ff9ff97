package org.skerry.trainer.partition;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.skerry.trainer.dataset.BoxFilter;
import org.skerry.trainer.dataset.ImageSet;

/**
 * How separable a router will find the partitions: the share of held-out images whose partition a
 * multinomial logistic regression on 8 × 8 colour pixels names, once of clean images and once of
 * half-noisy ones, {@code x = x0 / 2 + eps / 2}. A router, which sees more than that, should do
 * better; where even clean images are hardly told apart, experts will be confused.
 *
 * @param clean share (0..1) at t = 0
 * @param noisy share at t = 0.5
 * @param chance share of the largest partition: what naming it always would reach
 */
public record LinearProbe(double clean, double noisy, double chance) {
  private static final int CELLS = 8;
  private static final int MOST_IMAGES = 8_000;
  private static final int MOST_SCORES = 400_000;
  private static final int HELD_OUT_EVERY = 5;
  private static final int EPOCHS = 20;
  private static final double RATE = 0.02;
  private static final double DECAY = 1e-4;

  /**
   * @param assigned the partition (0..k-1) of every image
   */
  static LinearProbe of(ImageSet images, int[] assigned, int k) {
    int wanted = Math.clamp(MOST_SCORES / k, 1_000, MOST_IMAGES);
    int[] order = IntStream.range(0, images.count()).toArray();
    SplittableRandom random = new SplittableRandom(1);
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    int[] sample = Arrays.copyOf(order, Math.min(wanted, order.length));
    int[] labels = IntStream.of(sample).map(i -> assigned[i]).toArray();
    long[] sizes = new long[k];
    Arrays.stream(labels).forEach(label -> sizes[label]++);
    double chance = (double) Arrays.stream(sizes).max().orElse(0) / sample.length;
    return new LinearProbe(
        accuracy(standardised(cells(images, sample, 0)), labels, k),
        accuracy(standardised(cells(images, sample, 0.5f)), labels, k),
        chance);
  }

  /** Pixels of {@code (1 - t) x0 + t eps}, averaged over cells. */
  private static float[][] cells(ImageSet images, int[] sample, float t) {
    int size = images.size();
    int side = Math.min(CELLS, size);
    return IntStream.range(0, sample.length)
        .parallel()
        .mapToObj(s -> {
          SplittableRandom random = new SplittableRandom(s);
          float[] values = new float[images.valuesPerImage()];
          images.copyTo(sample[s], values, 0);
          for (int i = 0; t > 0 && i < values.length; i++) {
            values[i] = (1 - t) * values[i] + t * (float) random.nextGaussian();
          }
          float[] out = new float[ImageSet.CHANNELS * side * side];
          float[] plane = new float[size * size];
          for (int channel = 0; channel < ImageSet.CHANNELS; channel++) {
            System.arraycopy(values, channel * plane.length, plane, 0, plane.length);
            float[] averages = BoxFilter.resize(plane, size, side);
            System.arraycopy(averages, 0, out, channel * averages.length, averages.length);
          }
          return out;
        })
        .toArray(float[][]::new);
  }

  private static float[][] standardised(float[][] rows) {
    for (int j = 0; j < rows[0].length; j++) {
      double sum = 0;
      double squares = 0;
      for (float[] row : rows) {
        sum += row[j];
        squares += (double) row[j] * row[j];
      }
      double mean = sum / rows.length;
      double deviation = Math.sqrt(Math.max(1e-8, squares / rows.length - mean * mean));
      for (float[] row : rows) {
        row[j] = (float) ((row[j] - mean) / deviation);
      }
    }
    return rows;
  }

  /** Stochastic gradient descent on cross-entropy, its rate falling to zero. */
  private static double accuracy(float[][] rows, int[] labels, int k) {
    int features = rows[0].length;
    float[][] weights = new float[k][features];
    float[] bias = new float[k];
    int steps = EPOCHS * rows.length;
    for (int step = 0; step < steps; step++) {
      int i = step % rows.length;
      if (i % HELD_OUT_EVERY != 0) {
        double rate = RATE * (1 - (double) step / steps) / Math.sqrt(features);
        double[] share = softmax(scores(weights, bias, rows[i]));
        for (int c = 0; c < k; c++) {
          float error = (float) (rate * (share[c] - (c == labels[i] ? 1 : 0)));
          bias[c] -= error;
          for (int j = 0; j < features; j++) {
            weights[c][j] -= error * rows[i][j] + (float) (rate * DECAY) * weights[c][j];
          }
        }
      }
    }
    int right = 0;
    int tried = 0;
    for (int i = 0; i < rows.length; i += HELD_OUT_EVERY) {
      double[] scores = scores(weights, bias, rows[i]);
      int best = 0;
      for (int c = 1; c < k; c++) {
        best = scores[c] > scores[best] ? c : best;
      }
      right += best == labels[i] ? 1 : 0;
      tried++;
    }
    return (double) right / tried;
  }

  private static double[] scores(float[][] weights, float[] bias, float[] row) {
    double[] scores = new double[bias.length];
    for (int c = 0; c < scores.length; c++) {
      float even = bias[c];
      float odd = 0;
      int j = 0;
      for (; j + 2 <= row.length; j += 2) {
        even += weights[c][j] * row[j];
        odd += weights[c][j + 1] * row[j + 1];
      }
      scores[c] = j < row.length ? even + odd + weights[c][j] * row[j] : even + odd;
    }
    return scores;
  }

  private static double[] softmax(double[] scores) {
    double largest = Arrays.stream(scores).max().orElse(0);
    double sum = 0;
    for (int c = 0; c < scores.length; c++) {
      scores[c] = Math.exp(scores[c] - largest);
      sum += scores[c];
    }
    for (int c = 0; c < scores.length; c++) {
      scores[c] /= sum;
    }
    return scores;
  }
}
