package org.skerry.bench.ddm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.skerry.diffusion.FlowPath;
import org.skerry.diffusion.SeededRandom;
import org.skerry.diffusion.VelocityField;
import org.skerry.diffusion.torch.Kernels;
import org.skerry.diffusion.torch.Torch;
import org.skerry.router.Images;
import org.skerry.router.Router;
import org.skerry.trainer.dataset.ImageSet;

/** Losses, accuracies and correlations that any velocity field can be held to. */
final class Measures {
  /** Times at which losses are measured, the middles of ten equal parts. */
  static final List<Double> TIMES = IntStream.range(0, 10).mapToObj(i -> (i + 0.5) / 10).toList();

  private static final long NOISE = 23;
  private static final int BATCH = 64;

  private Measures() {}

  /** A field for the images of one partition; most fields are the same for all. */
  @FunctionalInterface
  interface Fields {
    VelocityField of(int partition);
  }

  /**
   * The flow-matching loss, mean of {@code (v - (ε - x0))²}, at each of {@link #TIMES}. The noise
   * of an image depends on its place alone, so that all fields meet the same.
   */
  static List<Double> losses(Fields fields, List<ImageSet> heldOut, NDManager manager) {
    return atEachTime(
        heldOut,
        manager,
        (partition, x0, noise, x, t) -> {
          NDArray velocity = fields.of(partition).at(x, t);
          double sum = 0;
          for (float loss : Kernels.flowLosses(velocity, x0, noise).toFloatArray()) {
            sum += loss;
          }
          return sum;
        });
  }

  /** The share of noised images that a router sends home, at each of {@link #TIMES}. */
  static List<Double> accuracies(Router router, List<ImageSet> heldOut, NDManager manager) {
    return atEachTime(
        heldOut,
        manager,
        (partition, x0, noise, x, t) -> {
          float[] logits = router.logits(x, t).toFloatArray();
          int count = Math.toIntExact(t.size());
          int width = logits.length / count;
          return IntStream.range(0, count)
              .filter(
                  i -> argMax(Arrays.copyOfRange(logits, i * width, (i + 1) * width)) == partition)
              .count();
        });
  }

  private interface Judge {
    /** The sum over a batch of what is measured. */
    double sum(int partition, NDArray x0, NDArray noise, NDArray x, NDArray t);
  }

  private static List<Double> atEachTime(List<ImageSet> heldOut, NDManager manager, Judge judge) {
    int all = heldOut.stream().mapToInt(ImageSet::count).sum();
    List<Double> out = new ArrayList<>();
    for (double time : TIMES) {
      double sum = 0;
      int at = 0;
      for (int k = 0; k < heldOut.size(); k++) {
        ImageSet images = heldOut.get(k);
        for (int from = 0; from < images.count(); from += BATCH) {
          int count = Math.min(BATCH, images.count() - from);
          sum += batch(judge, k, images, from, count, time, at + from, manager);
        }
        at += images.count();
      }
      out.add(sum / all);
    }
    return out;
  }

  private static double batch(
      Judge judge,
      int partition,
      ImageSet images,
      int from,
      int count,
      double time,
      int place,
      NDManager manager) {
    int values = images.valuesPerImage();
    float[] noise = new float[count * values];
    float[] times = new float[count];
    Arrays.fill(times, (float) time);
    for (int i = 0; i < count; i++) {
      long level = Math.round(time * 1_000);
      float[] one = SeededRandom.of(NOISE, level, place + i).gaussians(values);
      System.arraycopy(one, 0, noise, i * values, values);
    }
    try (NDManager scratch = manager.newSubManager()) {
      Shape shape = new Shape(count, 3, images.size(), images.size());
      NDArray x0 =
          scratch.create(images.toFloats(IntStream.range(from, from + count).toArray()), shape);
      NDArray eps = scratch.create(noise, shape);
      NDArray t = scratch.create(times);
      return Torch.withoutGradients(
          () -> judge.sum(partition, x0, eps, FlowPath.at(x0, eps, t), t));
    }
  }

  /**
   * The mean correlation of images with those of another set, value by value once the mean image of
   * both sets is taken away.
   *
   * @param shift 0 for images of the same noise, more for others
   */
  static double correlation(Images a, Images b, int shift) {
    int values = a.data().length / a.count();
    double[] mean = new double[values];
    for (int i = 0; i < a.data().length; i++) {
      mean[i % values] += (a.data()[i] + b.data()[i]) / (2.0 * a.count());
    }
    double sum = 0;
    for (int i = 0; i < a.count(); i++) {
      sum += correlation(a, i, b, (i + shift) % b.count(), mean);
    }
    return sum / a.count();
  }

  private static double correlation(Images a, int i, Images b, int j, double[] mean) {
    int values = mean.length;
    double[] x = new double[values];
    double[] y = new double[values];
    for (int v = 0; v < values; v++) {
      x[v] = a.data()[i * values + v] - mean[v];
      y[v] = b.data()[j * values + v] - mean[v];
    }
    double meanX = Arrays.stream(x).average().orElse(0);
    double meanY = Arrays.stream(y).average().orElse(0);
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int v = 0; v < values; v++) {
      xy += (x[v] - meanX) * (y[v] - meanY);
      xx += (x[v] - meanX) * (x[v] - meanX);
      yy += (y[v] - meanY) * (y[v] - meanY);
    }
    return xy / Math.sqrt(xx * yy);
  }

  static int argMax(float[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      best = values[i] > values[best] ? i : best;
    }
    return best;
  }
}
