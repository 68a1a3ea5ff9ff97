package org.skerry.router;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntPredicate;
import org.skerry.diffusion.VelocityField;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;

/**
 * Exact fields of a finite dataset: with {@code w_i ∝ exp(-|x - (1-t) x_i|² / 2t²)}, the velocity
 * is {@code (x - Σ w_i x_i) / t} and the posterior of a cluster is its part of {@code Σ w_i}.
 */
final class ClosedForm {
  static final int CLUSTERS = 4;
  private static final int DIMENSION = 6;

  private final double[] data;
  private final long[] cluster;

  ClosedForm() {
    Map<String, HostTensor> weights = load("weights");
    data = get(weights, "data").doubles();
    cluster = get(weights, "cluster").longs();
  }

  VelocityField expert(int k) {
    return (x, t) -> {
      double[] points = x.toDoubleArray();
      double[] times = t.toDoubleArray();
      double[] out = new double[points.length];
      for (int n = 0; n < times.length; n++) {
        double[] w = weights(points, n, times[n], i -> cluster[i] == k);
        for (int d = 0; d < DIMENSION; d++) {
          double mean = 0;
          for (int i = 0; i < w.length; i++) {
            mean += w[i] * data[i * DIMENSION + d];
          }
          out[n * DIMENSION + d] = (points[n * DIMENSION + d] - mean) / times[n];
        }
      }
      return x.getManager().create(out, x.getShape());
    };
  }

  Router router() {
    return (x, t) -> {
      double[] points = x.toDoubleArray();
      double[] times = t.toDoubleArray();
      double[] out = new double[times.length * CLUSTERS];
      for (int n = 0; n < times.length; n++) {
        for (int k = 0; k < CLUSTERS; k++) {
          int wanted = k;
          double[] e = exponents(points, n, times[n], i -> cluster[i] == wanted);
          double max = Arrays.stream(e).max().orElseThrow();
          double sum = Arrays.stream(e).map(v -> Math.exp(v - max)).sum();
          out[n * CLUSTERS + k] = max + Math.log(sum);
        }
      }
      return x.getManager().create(out, new Shape(times.length, CLUSTERS));
    };
  }

  double logPrior(int k) {
    return Math.log(size(k) / (double) cluster.length);
  }

  private long size(int k) {
    long count = 0;
    for (long c : cluster) {
      count += c == k ? 1 : 0;
    }
    return count;
  }

  private double[] weights(double[] points, int n, double t, IntPredicate in) {
    double[] e = exponents(points, n, t, in);
    double max = Arrays.stream(e).max().orElseThrow();
    double sum = Arrays.stream(e).map(v -> Math.exp(v - max)).sum();
    return Arrays.stream(e).map(v -> Math.exp(v - max) / sum).toArray();
  }

  private double[] exponents(double[] points, int n, double t, IntPredicate in) {
    double[] out = new double[cluster.length];
    for (int i = 0; i < out.length; i++) {
      double distance = 0;
      for (int d = 0; d < DIMENSION; d++) {
        double gap = points[n * DIMENSION + d] - (1 - t) * data[i * DIMENSION + d];
        distance += gap * gap;
      }
      out[i] = in.test(i) ? -distance / (2 * t * t) : Double.NEGATIVE_INFINITY;
    }
    return out;
  }

  static Map<String, HostTensor> load(String name) {
    try {
      var url = ClosedForm.class.getResource("/vectors/flow/" + name + ".safetensors");
      return Safetensors.map(Path.of(Objects.requireNonNull(url, name).toURI())).tensors();
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static HostTensor get(Map<String, HostTensor> tensors, String name) {
    return Objects.requireNonNull(tensors.get(name), name);
  }
}
