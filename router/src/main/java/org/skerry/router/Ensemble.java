package org.skerry.router;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.VelocityField;
import org.skerry.diffusion.torch.Kernels;

/**
 * The velocity of the whole dataset from experts of its partitions: {@code u(x, t) = Σ_k p(k | x,
 * t) u_k(x, t)} (McAllister et al., arXiv 2501.05450), or the part of the sum that a strategy
 * keeps.
 *
 * <p>Images are grouped by expert, so each needed expert runs once a step, on its group. Partitions
 * without an expert are left out and the rest renormalised. One thread at a time.
 */
public final class Ensemble implements VelocityField {
  private final Router router;
  private final Map<Integer, VelocityField> experts;
  private final int partitions;
  private final RoutingRule rule;
  private final RoutingHistogram histogram;
  private boolean backwards;
  private @Nullable RoutingTrace trace;

  /**
   * @param experts by partition; not empty
   * @param logPrior for each partition, added to the router's logits; zeros for none
   */
  public Ensemble(
      Router router,
      Map<Integer, ? extends VelocityField> experts,
      Routing routing,
      List<Double> logPrior) {
    partitions = logPrior.size();
    this.router = router;
    this.experts = Collections.unmodifiableMap(new TreeMap<>(experts));
    if (experts.isEmpty()) {
      throw new IllegalArgumentException("an ensemble needs at least one expert");
    }
    boolean[] available = new boolean[partitions];
    for (int k : experts.keySet()) {
      if (k < 0 || k >= partitions) {
        throw new IllegalArgumentException("expert of partition " + k + " of " + partitions);
      }
      available[k] = true;
    }
    double[] prior = logPrior.stream().mapToDouble(Double::doubleValue).toArray();
    rule = new RoutingRule(routing, prior, available);
    histogram = new RoutingHistogram(partitions);
  }

  /** An ensemble whose router was trained on data in natural proportions. */
  public Ensemble(
      Router router,
      Map<Integer, ? extends VelocityField> experts,
      int partitions,
      Strategy strategy) {
    this(router, experts, new Routing(strategy, 1), Collections.nCopies(partitions, 0.0));
  }

  /** The partitions that have no expert, in order. */
  public List<Integer> missing() {
    return IntStream.range(0, partitions).filter(k -> !experts.containsKey(k)).boxed().toList();
  }

  public Strategy strategy() {
    return rule.routing().strategy();
  }

  /** Which expert worked how much at which noise level so far. */
  public RoutingHistogram histogram() {
    return histogram;
  }

  /** From now on notes how each image is routed, for as long as they are the same batch. */
  public RoutingTrace traced() {
    RoutingTrace fresh = new RoutingTrace();
    trace = fresh;
    return fresh;
  }

  @Override
  public NDArray at(NDArray x, NDArray t) {
    int batch = Math.toIntExact(x.getShape().get(0));
    List<Group> groups = groups(shares(x, t, batch));
    NDArray sum = x.zerosLike();
    try (NDManager scratch = x.getManager().newSubManager()) {
      List<NDArray> velocities = velocities(groups, x, t, scratch);
      for (int g = 0; g < groups.size(); g++) {
        groups.get(g).addTo(sum, velocities.get(g), scratch);
      }
    }
    return sum;
  }

  /** The groups of the experts that have a share in any image, in the order of partitions. */
  private List<Group> groups(double[][] shares) {
    List<Group> groups = new ArrayList<>();
    experts.forEach((k, expert) -> {
      long[] rows =
          IntStream.range(0, shares.length).filter(i -> shares[i][k] > 0).asLongStream().toArray();
      if (rows.length > 0) {
        groups.add(new Group(expert, rows, share(shares, rows, k)));
      }
    });
    return groups;
  }

  /**
   * Runs the experts in turn from the first to the last and back: where memory is short, those that
   * a step ends with are still there when the next begins. The order of the result, and so of every
   * sum, is always the same.
   */
  private List<NDArray> velocities(List<Group> groups, NDArray x, NDArray t, NDManager scratch) {
    List<Group> order = backwards ? groups.reversed() : groups;
    List<NDArray> velocities = new ArrayList<>();
    order.getFirst().expert().prepare();
    for (int g = 0; g < order.size(); g++) {
      if (g + 1 < order.size()) {
        order.get(g + 1).expert().prepare();
      }
      velocities.add(order.get(g).velocity(x, t, scratch));
    }
    List<NDArray> inOrder = backwards ? velocities.reversed() : velocities;
    backwards = !backwards;
    return inOrder;
  }

  /**
   * The images of one expert.
   *
   * @param rows of the batch
   * @param share of the expert in each
   */
  @SuppressWarnings("ArrayRecordComponent") // never shared
  private record Group(VelocityField expert, long[] rows, double[] share) {
    NDArray velocity(NDArray x, NDArray t, NDManager scratch) {
      try (NDManager inner = scratch.newSubManager()) {
        NDArray index = inner.create(rows);
        NDArray images = Kernels.takeRows(x, index);
        NDArray times = Kernels.takeRows(t, index);
        images.attach(inner);
        times.attach(inner);
        NDArray velocity = expert.at(images, times);
        velocity.attach(scratch);
        return velocity;
      }
    }

    void addTo(NDArray sum, NDArray velocity, NDManager scratch) {
      long[] shape = new long[sum.getShape().dimension()];
      Arrays.fill(shape, 1);
      shape[0] = rows.length;
      NDArray weight = numbers(scratch, share, new Shape(shape), sum.getDataType());
      Kernels.mixRows(sum, scratch.create(rows), velocity, weight).attach(scratch);
    }
  }

  private double[][] shares(NDArray x, NDArray t, int batch) {
    double[] times = doubles(t);
    double[] logits;
    try (NDArray array = router.logits(x, t)) {
      logits = doubles(array);
    }
    double[][] shares = new double[batch][];
    int width = logits.length / batch;
    for (int i = 0; i < batch; i++) {
      double[] row = new double[width];
      System.arraycopy(logits, i * width, row, 0, width);
      shares[i] = rule.shares(row);
      histogram.add(times[i], shares[i]);
    }
    if (trace != null) {
      trace.add(shares);
    }
    return shares;
  }

  private static double[] share(double[][] shares, long[] rows, int k) {
    double[] out = new double[rows.length];
    for (int i = 0; i < rows.length; i++) {
      out[i] = shares[(int) rows[i]][k];
    }
    return out;
  }

  private static NDArray numbers(NDManager manager, double[] values, Shape shape, DataType type) {
    if (type == DataType.FLOAT64) {
      return manager.create(values, shape);
    }
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return manager.create(floats, shape);
  }

  private static double[] doubles(NDArray array) {
    if (array.getDataType() == DataType.FLOAT64) {
      return array.toDoubleArray();
    }
    float[] floats = array.toFloatArray();
    double[] out = new double[floats.length];
    for (int i = 0; i < floats.length; i++) {
      out[i] = floats[i];
    }
    return out;
  }
}
