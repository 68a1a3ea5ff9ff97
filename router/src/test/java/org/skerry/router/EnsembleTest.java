package org.skerry.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoublePredicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.skerry.diffusion.VelocityField;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.torch.HostTensors;
import org.skerry.diffusion.torch.Torch;

/** Against the closed form of a finite dataset in float64, and with counting experts. */
class EnsembleTest {
  private static final double TOLERANCE = 1e-9;
  private final ClosedForm closed = new ClosedForm();
  private final Map<String, HostTensor> outputs = ClosedForm.load("outputs");
  private final List<Long> groups = new ArrayList<>();
  private NDManager manager;
  private NDArray x;
  private NDArray t;

  @BeforeEach
  void load() {
    manager = Torch.newManager();
    Map<String, HostTensor> inputs = ClosedForm.load("inputs");
    x = HostTensors.toArray(manager, ClosedForm.get(inputs, "x"));
    t = HostTensors.toArray(manager, ClosedForm.get(inputs, "t"));
  }

  @AfterEach
  void free() {
    manager.close();
  }

  @Test
  void exactExpertsAndPosteriorGiveTheMarginalVelocity() {
    var ensemble = new Ensemble(closed.router(), experts(0, 1, 2, 3), 4, new Strategy.Full());
    assertClose(ensemble.at(x, t), "u");
  }

  @Test
  void topTwoIsTheReferences() {
    var ensemble = new Ensemble(closed.router(), experts(0, 1, 2, 3), 4, new Strategy.TopK(2));
    assertClose(ensemble.at(x, t), "u_top2");
  }

  @Test
  void topOneTakesTheMostProbableExpertWhole() {
    var ensemble = new Ensemble(closed.router(), experts(0, 1, 2, 3), 4, new Strategy.Top1());
    double[] got = ensemble.at(x, t).toDoubleArray();
    double[] posterior = ClosedForm.get(outputs, "router_posterior").doubles();
    double[] velocities = ClosedForm.get(outputs, "u_cluster").doubles();
    for (int n = 0; n < 20; n++) {
      int best = 0;
      for (int k = 1; k < 4; k++) {
        best = posterior[n * 4 + k] > posterior[n * 4 + best] ? k : best;
      }
      for (int d = 0; d < 6; d++) {
        double want = velocities[(n * 4 + best) * 6 + d];
        assertThat(got[n * 6 + d]).isCloseTo(want, within(TOLERANCE));
      }
    }
  }

  @Test
  void thresholdMixesWhatIsProbableEnough() {
    double p = 0.05;
    assertMixed(new Strategy.Threshold(p), 1, posterior -> kept(posterior, share -> share >= p));
  }

  @Test
  void temperatureIsAPowerOfTheProbabilities() {
    for (double temperature : new double[] {0.5, 3}) {
      assertMixed(
          new Strategy.Full(),
          temperature,
          posterior ->
              normalised(
                  Arrays.stream(posterior).map(q -> Math.pow(q, 1 / temperature)).toArray()));
    }
  }

  private static double[] kept(double[] posterior, DoublePredicate in) {
    return normalised(Arrays.stream(posterior).map(q -> in.test(q) ? q : 0).toArray());
  }

  private static double[] normalised(double... weights) {
    double sum = Arrays.stream(weights).sum();
    return Arrays.stream(weights).map(w -> w / sum).toArray();
  }

  /** The reference's cluster velocities mixed by {@code rule} of its posterior. */
  private void assertMixed(Strategy strategy, double temperature, UnaryOperator<double[]> rule) {
    var ensemble =
        new Ensemble(
            closed.router(),
            experts(0, 1, 2, 3),
            new Routing(strategy, temperature),
            Collections.nCopies(4, 0.0));
    double[] got = ensemble.at(x, t).toDoubleArray();
    double[] posterior = ClosedForm.get(outputs, "router_posterior").doubles();
    double[] velocities = ClosedForm.get(outputs, "u_cluster").doubles();
    for (int n = 0; n < 20; n++) {
      double[] shares = rule.apply(Arrays.copyOfRange(posterior, n * 4, n * 4 + 4));
      for (int d = 0; d < 6; d++) {
        double want = 0;
        for (int k = 0; k < 4; k++) {
          want += shares[k] * velocities[(n * 4 + k) * 6 + d];
        }
        assertThat(got[n * 6 + d]).isCloseTo(want, within(TOLERANCE));
      }
    }
  }

  @Test
  void priorTurnsABalancedRouterIntoTheDatas() {
    Router balanced =
        (points, times) -> {
          double[] logits = closed.router().logits(points, times).toDoubleArray();
          for (int i = 0; i < logits.length; i++) {
            logits[i] -= closed.logPrior(i % 4);
          }
          return points.getManager().create(logits, new Shape(logits.length / 4, 4));
        };
    List<Double> prior =
        List.of(closed.logPrior(0), closed.logPrior(1), closed.logPrior(2), closed.logPrior(3));
    var corrected =
        new Ensemble(balanced, experts(0, 1, 2, 3), new Routing(new Strategy.Full(), 1), prior);
    assertClose(corrected.at(x, t), "u");
    var plain = new Ensemble(balanced, experts(0, 1, 2, 3), 4, new Strategy.Full());
    double[] want = ClosedForm.get(outputs, "u").doubles();
    assertThat(greatestGap(plain.at(x, t).toDoubleArray(), want)).isGreaterThan(0.01);
  }

  @Test
  void missingExpertLeavesAndTheRestShareItsPart() {
    var ensemble = new Ensemble(closed.router(), experts(0, 2, 3), 4, new Strategy.Full());
    assertThat(ensemble.missing()).containsExactly(1);
    double[] got = ensemble.at(x, t).toDoubleArray();
    double[] posterior = ClosedForm.get(outputs, "router_posterior").doubles();
    double[] velocities = ClosedForm.get(outputs, "u_cluster").doubles();
    for (int n = 0; n < 20; n++) {
      // Where the missing one has nearly everything, what is left is lost in rounding.
      if (posterior[n * 4 + 1] > 0.99) {
        continue;
      }
      double rest = 1 - posterior[n * 4 + 1];
      for (int d = 0; d < 6; d++) {
        double want = 0;
        for (int k : List.of(0, 2, 3)) {
          want += posterior[n * 4 + k] / rest * velocities[(n * 4 + k) * 6 + d];
        }
        assertThat(got[n * 6 + d]).isCloseTo(want, within(1e-7));
      }
    }
  }

  @Test
  void eachNeededExpertRunsOnceOnItsOwnImages() {
    NDArray noise = manager.zeros(new Shape(6, 1, 2, 2));
    var ensemble = new Ensemble(fixed(0, 2, 2, 0, 2, 2), counting(), 4, new Strategy.Top1());
    NDArray v = ensemble.at(noise, manager.ones(new Shape(6)));
    assertThat(groups).containsExactly(0L, 2L, 2L, 4L);
    assertThat(v.get(":, 0, 0, 0").toFloatArray()).containsExactly(0, 2, 2, 0, 2, 2);
  }

  @Test
  void histogramCountsLeadersAndShares() {
    NDArray noise = manager.zeros(new Shape(6, 1, 2, 2));
    var ensemble = new Ensemble(fixed(0, 2, 2, 0, 2, 2), counting(), 4, new Strategy.TopK(2));
    ensemble.at(noise, manager.ones(new Shape(6)));
    ensemble.at(noise, manager.ones(new Shape(6)).mul(0.5f));
    List<RoutingHistogram.Level> levels = ensemble.histogram().levels();
    assertThat(levels).extracting(RoutingHistogram.Level::time).containsExactly(1.0, 0.5);
    assertThat(levels.getFirst().leading()).containsExactly(2L, 0L, 4L, 0L);
    double sum = levels.getFirst().share().stream().mapToDouble(Double::doubleValue).sum();
    assertThat(sum).isCloseTo(6, within(1e-9));
  }

  @Test
  void traceTellsHowEachImageWasRouted() {
    NDArray noise = manager.zeros(new Shape(6, 1, 2, 2));
    var ensemble = new Ensemble(fixed(0, 2, 2, 0, 2, 2), counting(), 4, new Strategy.Top1());
    RoutingTrace trace = ensemble.traced();
    ensemble.at(noise, manager.ones(new Shape(6)));
    ensemble.at(noise, manager.ones(new Shape(6)).mul(0.5f));
    assertThat(trace.image(0))
        .isEqualTo(new ImageRouting(List.of(0, 0), List.of(1.0, 0.0, 0.0, 0.0)));
    assertThat(trace.image(1).leading()).containsExactly(2, 2);
  }

  @Test
  void leavesNothingButTheResultInTheCallersManager() {
    NDArray noise = manager.zeros(new Shape(6, 1, 2, 2));
    NDArray times = manager.ones(new Shape(6));
    var ensemble = new Ensemble(fixed(0, 2, 2, 0, 2, 2), counting(), 4, new Strategy.Full());
    ensemble.at(noise, times).close();
    int before = manager.getManagedArrays().size();
    for (int i = 0; i < 5; i++) {
      ensemble.at(noise, times).close();
    }
    assertThat(manager.getManagedArrays()).hasSize(before);
  }

  @Test
  void refusesARouterOfNaN() {
    Router nan = (points, times) -> points.getManager().full(new Shape(20, 4), Float.NaN);
    var ensemble = new Ensemble(nan, experts(0, 1, 2, 3), 4, new Strategy.Full());
    assertThatThrownBy(() -> ensemble.at(x, t)).hasMessageContaining("router gave NaN");
  }

  @Test
  void refusesNoExpertsAndForeignPartitions() {
    assertThatThrownBy(() -> new Ensemble(closed.router(), Map.of(), 4, new Strategy.Full()))
        .hasMessageContaining("at least one expert");
    assertThatThrownBy(() -> new Ensemble(closed.router(), experts(7), 4, new Strategy.Full()))
        .hasMessageContaining("partition 7 of 4");
    var other = new Ensemble(closed.router(), experts(0), 3, new Strategy.Full());
    assertThatThrownBy(() -> other.at(x, t)).hasMessageContaining("knows 4 partitions");
  }

  private Map<Integer, VelocityField> experts(int... partitions) {
    var out = new TreeMap<Integer, VelocityField>();
    for (int k : partitions) {
      out.put(k, closed.expert(k));
    }
    return out;
  }

  /** Experts that answer their own number and note it with the size of their group. */
  private Map<Integer, VelocityField> counting() {
    var out = new TreeMap<Integer, VelocityField>();
    for (int k = 0; k < 4; k++) {
      int number = k;
      out.put(
          k,
          (points, times) -> {
            groups.add((long) number);
            groups.add(points.getShape().get(0));
            return points.zerosLike().add(number);
          });
    }
    return out;
  }

  private static Router fixed(int... best) {
    return (points, times) -> {
      float[] logits = new float[best.length * 4];
      for (int i = 0; i < best.length; i++) {
        logits[i * 4 + best[i]] = 3;
      }
      return points.getManager().create(logits, new Shape(best.length, 4));
    };
  }

  private void assertClose(NDArray got, String name) {
    double[] want = ClosedForm.get(outputs, name).doubles();
    assertThat(greatestGap(got.toDoubleArray(), want)).isLessThan(TOLERANCE);
  }

  private static double greatestGap(double[] a, double[] b) {
    assertThat(a).hasSameSizeAs(b);
    double gap = 0;
    for (int i = 0; i < a.length; i++) {
      gap = Math.max(gap, Math.abs(a[i] - b[i]));
    }
    return gap;
  }
}
