package org.skerry.diffusion.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.skerry.diffusion.DitConfig;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.ParameterSpec;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.ParisExpertConfig;
import org.skerry.diffusion.ParisRouterConfig;
import org.skerry.diffusion.SeededRandom;
import org.skerry.diffusion.UNetClassifierConfig;
import org.skerry.diffusion.UNetConfig;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.torch.Kernels;
import org.skerry.diffusion.torch.Torch;

class MuonTest {
  private static final double RATE = 1e-2;
  private final Network network = Network.of(new UNetClassifierConfig(1, 4, 4, 2, 6, 2, 3));
  private NDManager manager;

  @BeforeEach
  void create() {
    manager = Torch.newManager();
  }

  @AfterEach
  void free() {
    manager.close();
  }

  @ParameterizedTest
  @CsvSource({"8,8", "5,40", "40,5", "1,7", "64,128"})
  void bringsAllSingularValuesNearOne(int rows, int columns) {
    NDArray x = random(rows, columns);
    NDArray o = Kernels.orthogonal(x);
    int small = Math.min(rows, columns);
    NDArray gram = rows <= columns ? o.matMul(o.transpose()) : o.transpose().matMul(o);
    float[] g = gram.toFloatArray();
    double trace = 0;
    double squares = 0;
    for (int i = 0; i < small; i++) {
      trace += g[i * small + i];
    }
    for (float value : g) {
      squares += value * value;
    }
    // The mean of the squared singular values, and their variance about it.
    double mean = trace / small;
    assertThat(mean).isBetween(0.4, 1.45);
    assertThat(squares / small - mean * mean).isLessThan(0.2);
  }

  @Test
  void matchesNewtonAndSchulzStepByStep() {
    NDArray x = random(6, 10);
    double norm = Math.sqrt(x.square().sum().getFloat());
    NDArray y = x.div(norm);
    for (int i = 0; i < 5; i++) {
      NDArray s = y.matMul(y.transpose());
      y = y.mul(3.4445).add(s.mul(-4.7750).add(s.matMul(s).mul(2.0315)).matMul(y));
    }
    assertThat(Kernels.orthogonal(x).sub(y).abs().max().getFloat()).isLessThan(1e-4f);
  }

  @Test
  void movesMatricesByOrthogonalisedMomentumAndTheRestAsAdamW() {
    Map<String, HostTensor> start = Parameters.initialTensors(network, 5);
    Map<String, HostTensor> muon = afterSteps(Optimizer.Rule.MUON, start);
    Map<String, HostTensor> adamw = afterSteps(Optimizer.Rule.ADAMW, start);
    for (ParameterSpec spec : network.parameters()) {
      String name = spec.name();
      if (spec.hidden()) {
        int rows = (int) spec.shape().get(0);
        int columns = (int) (spec.size() / rows);
        NDArray u = gradient(spec).mul(0.05 + 0.95 * 0.05);
        NDArray move =
            Kernels.orthogonal(u.reshape(rows, columns))
                .mul(-RATE * 0.2 * Math.sqrt(Math.max(rows, columns)));
        assertThat(floats(muon, name))
            .as(name)
            .containsExactly(
                manager.create(floats(start, name)).add(move.flatten()).toFloatArray(),
                within(1e-6f));
      } else {
        assertThat(floats(muon, name)).as(name).containsExactly(floats(adamw, name));
      }
    }
  }

  @Test
  void goesOnAsIfNeverStoppedAndNamesItsState() {
    Map<String, HostTensor> weights;
    Map<String, HostTensor> state;
    Map<String, HostTensor> end;
    Optimizer.Settings settings = Optimizer.Settings.shortRun();
    try (Parameters p = Parameters.initialise(network, manager, 5)) {
      p.requiresGradient(true);
      try (var optimizer = new Muon(p, settings)) {
        backward(p);
        optimizer.step(RATE);
        weights = p.snapshot();
        state = optimizer.snapshot();
        backward(p);
        optimizer.step(RATE);
        end = p.snapshot();
      }
    }
    assertThat(state.keySet()).isEqualTo(Optimizer.Rule.MUON.stateNames(network));
    try (Parameters p = Parameters.from(network, weights, manager)) {
      p.requiresGradient(true);
      try (var optimizer = new Muon(p, settings)) {
        optimizer.restore(state);
        backward(p);
        optimizer.step(RATE);
        assertThat(optimizer.steps()).isEqualTo(2);
        assertThat(p.snapshot()).isEqualTo(end).isNotEqualTo(weights);
      }
    }
  }

  @Test
  void stepWithInfiniteGradientChangesNothing() {
    try (Parameters p = Parameters.initialise(network, manager, 5)) {
      p.requiresGradient(true);
      Map<String, HostTensor> before = p.snapshot();
      try (var optimizer = new Muon(p, Optimizer.Settings.shortRun())) {
        Map<String, HostTensor> state = optimizer.snapshot();
        backward(p, Float.POSITIVE_INFINITY);
        assertThat(optimizer.step(RATE)).isNotFinite();
        assertThat(p.snapshot()).isEqualTo(before);
        assertThat(optimizer.snapshot()).isEqualTo(state);
      }
    }
  }

  @Test
  void leavesTablesBiasesAndEdgesToAdamW() {
    assertThat(Muon.hidden(Network.of(new DitConfig(3, 8, 2, 8, 1, 2, 16, 10, false))))
        .containsExactly(
            "t_embedder.mlp.0.weight",
            "t_embedder.mlp.2.weight",
            "blocks.0.attn.qkv.weight",
            "blocks.0.attn.proj.weight",
            "blocks.0.mlp.fc1.weight",
            "blocks.0.mlp.fc2.weight",
            "blocks.0.adaLN_modulation.1.weight",
            "final_layer.adaLN_modulation.1.weight");
    assertThat(Muon.hidden(Network.of(new UNetConfig(3, 4, 4, 1, 4, 2, 5))))
        .contains("mid.0.conv1.weight", "mid.1.modulation.weight", "time_embed.2.weight")
        .doesNotContain("in.weight", "out.weight", "label_embed.weight", "mid.0.norm1.weight");
    assertThat(Muon.hidden(Network.of(new ParisRouterConfig(3, 8, 2, 8, 1, 2, 16, 4))))
        .containsExactly(
            "time_embed.mlp.0.weight",
            "time_embed.mlp.2.weight",
            "layers.0.attn.in_proj_weight",
            "layers.0.attn.out_proj.weight",
            "layers.0.mlp.0.weight",
            "layers.0.mlp.2.weight",
            "layers.0.adaLN_modulation.1.weight",
            "head.0.weight");
    assertThat(Muon.hidden(Network.of(new ParisExpertConfig(3, 8, 2, 8, 1, 2, 16, 4))))
        .containsExactly(
            "time_embed.mlp.0.weight",
            "time_embed.mlp.2.weight",
            "t_block.1.weight",
            "layers.0.attn.in_proj_weight",
            "layers.0.attn.out_proj.weight",
            "layers.0.cross_attn.in_proj_weight",
            "layers.0.cross_attn.out_proj.weight",
            "layers.0.mlp.0.weight",
            "layers.0.mlp.2.weight");
  }

  private Map<String, HostTensor> afterSteps(Optimizer.Rule rule, Map<String, HostTensor> start) {
    try (Parameters p = Parameters.from(network, start, manager)) {
      p.requiresGradient(true);
      var settings = new Optimizer.Settings(0.9, 0.99, 1e-8, 0, Double.POSITIVE_INFINITY);
      try (Optimizer optimizer = rule.create(p, settings)) {
        backward(p);
        optimizer.step(RATE);
      }
      return p.snapshot();
    }
  }

  private void backward(Parameters p) {
    backward(p, 1);
  }

  /** Gives every parameter {@link #gradient} times {@code factor}. */
  private void backward(Parameters p, float factor) {
    try (NDManager step = manager.newSubManager()) {
      Map<String, ParameterSpec> specs = new HashMap<>();
      network.parameters().forEach(spec -> specs.put(spec.name(), spec));
      NDArray loss =
          Torch.backward(
              step,
              () -> {
                List<NDArray> terms = new ArrayList<>();
                p.trainable()
                    .forEach((name, array) -> {
                      NDArray g = gradient(java.util.Objects.requireNonNull(specs.get(name)));
                      g.attach(step);
                      terms.add(g.mul(array).sum());
                    });
                return terms.stream().reduce(NDArray::add).orElseThrow().mul(factor);
              });
      assertThat(loss.getShape()).isEqualTo(new Shape());
    }
  }

  private NDArray gradient(ParameterSpec spec) {
    int count = (int) spec.size();
    return manager.create(SeededRandom.of(spec.name().hashCode()).gaussians(count), spec.shape());
  }

  private NDArray random(int rows, int columns) {
    return manager.create(
        SeededRandom.of(rows, columns).gaussians(rows * columns), new Shape(rows, columns));
  }

  private static float[] floats(Map<String, HostTensor> tensors, String name) {
    return java.util.Objects.requireNonNull(tensors.get(name)).floats();
  }
}
