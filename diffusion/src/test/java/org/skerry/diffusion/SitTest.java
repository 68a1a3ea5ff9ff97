package org.skerry.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.skerry.diffusion.Vectors.assertClose;
import static org.skerry.diffusion.Vectors.get;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.diffusion.torch.HostTensors;
import org.skerry.diffusion.torch.Kernels;
import org.skerry.diffusion.torch.Torch;

/** Against willisma/SiT's own forward, at the tolerances its vectors name. */
class SitTest {
  private static final double ATOL = 5e-5;
  private static final double RTOL = 1e-5;
  private static final DitConfig CONFIG =
      new DitConfig(3, 16, 4, 96, 3, 3, 192, 10, true, DitConvention.SIT);

  @TempDir Path folder;
  private final Map<String, HostTensor> inputs = Vectors.load("sit-tiny/inputs");
  private final Map<String, HostTensor> outputs = Vectors.load("sit-tiny/outputs");
  private NDManager manager;
  private Parameters parameters;
  private Dit sit;

  @BeforeEach
  void load() throws IOException {
    manager = Torch.newManager();
    sit = new Dit(CONFIG);
    parameters = Parameters.fromSafetensors(sit, manager, Vectors.path("sit-tiny/weights"));
  }

  @AfterEach
  void free() {
    manager.close();
  }

  @Test
  void forwardIsTheReferences() {
    NDArray out = sit.prediction(parameters, input("x"), input("t"), input("y"));
    assertClose(out, get(outputs, "output"), ATOL, RTOL);
  }

  @Test
  void velocityRunsBackwardsInTimeAndSpace() {
    NDArray t = input("t").neg().add(1f);
    NDArray out = sit.forward(parameters, input("x"), t, input("y"));
    assertClose(out.neg(), get(outputs, "output"), ATOL, RTOL);
  }

  @Test
  void intermediatesAreTheReferences() {
    NDArray tokens = DitBlocks.tokens(parameters, input("x"));
    assertClose(tokens, get(outputs, "embed"), ATOL, RTOL);
    assertClose(Kernels.timestepFrequencies(input("t")), get(outputs, "t_freq"), 1e-6, 0);
    NDArray time = DitBlocks.time(parameters, input("t"));
    assertClose(time, get(outputs, "t_emb"), ATOL, RTOL);
    NDArray c = Conditioning.add(time, 10, input("y"), parameters, "y_embedder.embedding_table");
    assertClose(c, get(outputs, "c"), ATOL, RTOL);
    NDArray block = Kernels.ditBlock(tokens, c, 3, parameters.layer("blocks.0"));
    assertClose(block, get(outputs, "block0"), ATOL, RTOL);
  }

  @Test
  void guidedFieldIsTheReferencesInBothHalves() {
    NDIndex first = new NDIndex(":1");
    NDArray x = input("cfg_x").get(first);
    NDArray t = input("cfg_t").get(first).neg().add(1f);
    int label = Math.toIntExact(get(inputs, "cfg_y").longs()[0]);
    VelocityField guided =
        new Guidance(4, Guidance.REFERENCE_CHANNELS)
            .field(sit.field(parameters, label), sit.field(parameters));
    NDArray out = guided.at(x, t).neg();
    assertClose(out.concat(out), get(outputs, "cfg_output"), ATOL, RTOL);
  }

  @Test
  void sinusoidGeluNormAndPositionsAreTheReferences() {
    assertClose(
        Kernels.timestepFrequencies(input("probe_t")), get(outputs, "probe_t_freq"), 1e-6, 0);
    assertClose(Kernels.gelu(input("probe_gelu")), get(outputs, "probe_gelu"), 2e-6, 0);
    NDArray x = input("probe_ln").expandDims(1);
    NDArray zero = x.zerosLike();
    assertClose(Kernels.modulate(x, zero, zero).squeeze(1), get(outputs, "probe_ln"), 2e-5, 0);
    HostTensor table = get(Parameters.initialTensors(sit, 1), "pos_embed");
    assertClose(HostTensors.toArray(manager, table), get(outputs, "pos_embed"), 1e-6, 0);
  }

  @Test
  void comesBackFromItsOwnFileAndAForeignOneIsRefusedByEveryName() throws IOException {
    Path own = folder.resolve("own.safetensors");
    parameters.toSafetensors(own, Map.of());
    Map<String, HostTensor> weights = Safetensors.map(own).tensors();
    assertThat(weights).isEqualTo(Vectors.load("sit-tiny/weights"));
    Map<String, HostTensor> foreign = new LinkedHashMap<>(weights);
    foreign.remove("t_embedder.mlp.0.bias");
    foreign.put("ema.decay", HostTensor.of(new float[1], 1));
    foreign.put("pos_embed", HostTensor.of(new float[96], 1, 1, 96));
    Path path = folder.resolve("foreign.safetensors");
    new Safetensors(foreign, Map.of()).write(path);
    assertThatThrownBy(() -> Parameters.fromSafetensors(sit, manager, path))
        .hasMessageContaining("missing t_embedder.mlp.0.bias")
        .hasMessageContaining("unknown ema.decay")
        .hasMessageContaining("pos_embed is F32[1, 1, 96], not F32(1, 16, 96)");
  }

  @Test
  void stateDictHasExactlyTheReferencesNamesWithAndWithoutLabels() {
    Map<String, HostTensor> reference = Vectors.load("sit-tiny/weights");
    assertThat(sit.stateDict(parameters)).isEqualTo(reference);
    Dit plain = new Dit(new DitConfig(3, 16, 4, 96, 3, 3, 192, 0, true, DitConvention.SIT));
    Parameters fresh = Parameters.initialise(plain, manager, 1);
    Map<String, HostTensor> exported = plain.stateDict(fresh);
    assertThat(exported).containsOnlyKeys(reference.keySet());
    HostTensor table = get(exported, "y_embedder.embedding_table.weight");
    assertThat(table.shape()).containsExactly(1L, 96L);
    assertThat(table.floats()).containsOnly(0f);
  }

  @Test
  void sigmaIsNoPartOfTheVelocity() {
    NDArray out = sit.reference(parameters, input("x"), input("t"), input("y"));
    assertThat(out.getShape().get(1)).isEqualTo(6);
    assertThat(sit.forward(parameters, input("x"), input("t"), input("y")).getShape())
        .isEqualTo(input("x").getShape());
  }

  private NDArray input(String name) {
    return HostTensors.toArray(manager, get(inputs, name));
  }
}
