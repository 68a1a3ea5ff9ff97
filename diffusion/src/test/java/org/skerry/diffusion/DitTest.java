package org.skerry.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.skerry.diffusion.Vectors.assertClose;
import static org.skerry.diffusion.Vectors.get;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.torch.HostTensors;
import org.skerry.diffusion.torch.Kernels;
import org.skerry.diffusion.torch.Torch;

/** Against facebookresearch/DiT's own forward, at the tolerances its vectors name. */
class DitTest {
  private static final double ATOL = 5e-5;
  private static final double RTOL = 1e-5;
  private static final DitConfig CONFIG = new DitConfig(4, 8, 2, 64, 2, 4, 256, 10, true);

  private final Map<String, HostTensor> inputs = Vectors.load("dit-tiny/inputs");
  private final Map<String, HostTensor> outputs = Vectors.load("dit-tiny/outputs");
  private NDManager manager;
  private Parameters parameters;
  private Dit dit;

  @BeforeEach
  void load() throws IOException {
    manager = Torch.newManager();
    dit = new Dit(CONFIG);
    parameters = Parameters.fromSafetensors(dit, manager, Vectors.path("dit-tiny/weights"));
  }

  @AfterEach
  void free() {
    manager.close();
  }

  @Test
  void forwardIsTheReferences() {
    NDArray out = dit.reference(parameters, input("x"), input("t"), input("y"));
    assertClose(out, get(outputs, "output"), ATOL, RTOL);
  }

  @Test
  void intermediatesAreTheReferences() {
    NDArray tokens = DitBlocks.tokens(parameters, input("x"));
    assertClose(tokens, get(outputs, "embed"), ATOL, RTOL);
    NDArray time = DitBlocks.time(parameters, input("t"));
    assertClose(time, get(outputs, "t_emb"), ATOL, RTOL);
    NDArray c = Conditioning.add(time, 10, input("y"), parameters, "y_embedder.embedding_table");
    assertClose(c, get(outputs, "c"), ATOL, RTOL);
    NDArray block = Kernels.ditBlock(tokens, c, 4, parameters.layer("blocks.0"));
    assertClose(block, get(outputs, "block0"), ATOL, RTOL);
  }

  @Test
  void guidanceIsTheReferencesInBothHalves() {
    NDArray x = first(input("cfg_x"));
    NDArray t = first(input("cfg_t"));
    NDArray conditional = dit.reference(parameters, x, t, first(input("cfg_y")));
    NDArray unconditional = dit.reference(parameters, x, t, null);
    NDArray expected = HostTensors.toArray(manager, get(outputs, "cfg_output"));
    Guidance guidance = new Guidance(4, Guidance.REFERENCE_CHANNELS);
    NDArray out = guidance.apply(conditional, unconditional);
    assertClose(out, HostTensors.copyOf(first(expected)), ATOL, RTOL);
    // The reference's second half has the same three channels and the unconditional others.
    NDArray second = expected.get(new NDIndex("2:, 3:"));
    NDArray others = unconditional.get(new NDIndex(":, 3:"));
    assertClose(others, HostTensors.copyOf(second), ATOL, RTOL);
  }

  @Test
  void fieldOfAClassIsItsForward() {
    NDArray t = input("t").div(1000f);
    NDArray labels = manager.create(new long[] {7, 7, 7});
    NDArray forward = dit.forward(parameters, input("x"), t, labels);
    assertThat(dit.field(parameters, 7).at(input("x"), t).toFloatArray())
        .containsExactly(forward.toFloatArray());
    assertThatThrownBy(() -> dit.field(parameters, 11)).hasMessageContaining("11 not in 0..10");
  }

  @Test
  void noLabelIsTheRowAfterTheLast() {
    NDArray nulls = manager.create(new long[] {10, 10, 10});
    NDArray given = dit.forward(parameters, input("x"), input("t").div(1000f), nulls);
    NDArray none = dit.forward(parameters, input("x"), input("t").div(1000f), null);
    assertThat(none.toFloatArray()).containsExactly(given.toFloatArray());
  }

  @Test
  void velocityIsTheFirstChannelsAtAThousandthOfTheStep() {
    NDArray out = dit.forward(parameters, input("x"), input("t").div(1000f), input("y"));
    NDArray reference = HostTensors.toArray(manager, get(outputs, "output"));
    assertClose(out, HostTensors.copyOf(reference.get(new NDIndex(":, :4"))), 2 * ATOL, RTOL);
  }

  @Test
  void sinusoidGeluAndNormAreTheReferences() {
    assertClose(
        Kernels.timestepFrequencies(input("probe_t")), get(outputs, "probe_t_freq"), 1e-4, 0);
    assertClose(Kernels.gelu(input("probe_gelu")), get(outputs, "probe_gelu"), 2e-6, 0);
    NDArray rows = input("probe_ln");
    NDArray x = rows.expandDims(1);
    NDArray zero = x.zerosLike();
    assertClose(Kernels.modulate(x, zero, zero).squeeze(1), get(outputs, "probe_ln"), 2e-5, 0);
  }

  @Test
  void ownPositionTableIsTheReferences() {
    HostTensor table = get(Parameters.initialTensors(dit, 1), "pos_embed");
    assertClose(HostTensors.toArray(manager, table), get(outputs, "pos_embed"), 1e-6, 0);
  }

  @Test
  void ownNamesAndShapesAreTheReferences() {
    Map<String, HostTensor> weights = Vectors.load("dit-tiny/weights");
    assertThat(CONFIG.parameters()).extracting(ParameterSpec::name).hasSameSizeAs(weights.keySet());
    assertThat(CONFIG.parameterCount()).isEqualTo(183_200);
    for (ParameterSpec spec : CONFIG.parameters()) {
      List<Long> shape = get(weights, spec.name()).shape();
      assertThat(spec.shape().getShape())
          .as(spec.name())
          .containsExactly(shape.stream().mapToLong(Long::longValue).toArray());
    }
  }

  @Test
  void startsAtZeroVelocity() {
    Parameters fresh = Parameters.initialise(dit, manager, 3);
    NDArray out = dit.forward(fresh, input("x"), input("t").div(1000f), null);
    assertThat(out.toFloatArray()).containsOnly(0f);
  }

  private static NDArray first(NDArray pair) {
    return pair.get(new NDIndex(":2"));
  }

  private NDArray input(String name) {
    return HostTensors.toArray(manager, get(inputs, name));
  }
}
