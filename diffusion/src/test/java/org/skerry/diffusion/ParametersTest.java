package org.skerry.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.diffusion.safetensors.SafetensorsException;
import org.skerry.diffusion.torch.Torch;

class ParametersTest {
  @TempDir Path folder;
  private final Network network = Network.of(new UNetConfig(1, 4, 4, 2, 8, 2, 0));
  private NDManager manager;

  @BeforeEach
  void create() {
    manager = Torch.newManager();
  }

  @AfterEach
  void free() {
    manager.close();
  }

  @Test
  void initialWeightsAreTheSameBytesEverywhere() throws Exception {
    assertThat(digest(Parameters.initialTensors(network, 1))).isEqualTo("ab1276fc1f904037");
    Network dit = Network.of(new DitConfig(1, 4, 2, 8, 1, 2, 16, 3, false));
    assertThat(digest(Parameters.initialTensors(dit, 1))).isEqualTo("856a754eb1195a18");
    assertThat(digest(Parameters.initialTensors(network, 2)))
        .isNotEqualTo(digest(Parameters.initialTensors(network, 1)));
  }

  @Test
  void comeBackFromTheirFile() throws IOException {
    Path file = folder.resolve("w.safetensors");
    Parameters p = Parameters.initialise(network, manager, 3);
    p.toSafetensors(file, Map.of("step", "4"));
    assertThat(Parameters.fromSafetensors(network, manager, file).snapshot())
        .isEqualTo(p.snapshot());
    assertThat(Parameters.mapSafetensors(network, manager, file).snapshot())
        .isEqualTo(p.snapshot());
    assertThat(Safetensors.map(file).metadata()).containsEntry("step", "4");
  }

  @Test
  void mappedOnesCannotBeTrainedButTheirCopyCan() throws IOException {
    Path file = folder.resolve("w.safetensors");
    Parameters.initialise(network, manager, 3).toSafetensors(file, Map.of());
    Parameters mapped = Parameters.mapSafetensors(network, manager, file);
    assertThatThrownBy(() -> mapped.requiresGradient(true)).hasMessageContaining("copy them");
    mapped.copy(manager).requiresGradient(true);
  }

  @Test
  void snapshotStaysAsItIsWhileTheParametersMove() {
    Parameters p = Parameters.initialise(network, manager, 3);
    Map<String, HostTensor> before = p.snapshot();
    Parameters again = Parameters.from(network, before, manager);
    again.get("in.weight").addi(1);
    assertThat(before).isEqualTo(p.snapshot());
    assertThat(again.snapshot()).isNotEqualTo(before);
  }

  @Test
  void refuseMissingUnknownAndMisshapenTensorsByName() throws IOException {
    var tensors = new LinkedHashMap<>(Parameters.initialTensors(network, 1));
    tensors.remove("in.bias");
    tensors.put("extra", HostTensor.of(new float[1], 1));
    tensors.put("out.bias", HostTensor.of(new float[2], 2));
    tensors.put("mid.0.norm1.bias", HostTensor.of(new double[8], 8));
    Path file = folder.resolve("foreign.safetensors");
    new Safetensors(tensors, Map.of()).write(file);
    assertThatThrownBy(() -> Parameters.fromSafetensors(network, manager, file))
        .isInstanceOfSatisfying(
            SafetensorsException.class,
            e -> assertThat(e.reason()).isEqualTo(SafetensorsException.Reason.FOREIGN_WEIGHTS))
        .hasMessageContaining("foreign.safetensors")
        .hasMessageContaining("missing in.bias")
        .hasMessageContaining("unknown extra")
        .hasMessageContaining("out.bias is F32[2], not F32(1)")
        .hasMessageContaining("mid.0.norm1.bias is F64");
  }

  @Test
  void tellWhetherTheyAreFinite() {
    Parameters p = Parameters.initialise(network, manager, 1);
    assertThat(p.allFinite()).isTrue();
    p.get("out.bias").addi(Float.NaN);
    assertThat(p.allFinite()).isFalse();
  }

  @Test
  void nameTheLayerThatIsNotThere() {
    Parameters p = Parameters.initialise(network, manager, 1);
    assertThatThrownBy(() -> p.layer("nothing")).hasMessageContaining("'nothing'");
    assertThatThrownBy(() -> p.get("nothing")).hasMessageContaining("'nothing'");
  }

  private static String digest(Map<String, HostTensor> tensors) throws NoSuchAlgorithmException {
    MessageDigest sha = MessageDigest.getInstance("SHA-256");
    tensors.values().forEach(tensor -> sha.update(tensor.data()));
    return HexFormat.of().formatHex(sha.digest(), 0, 8);
  }
}
