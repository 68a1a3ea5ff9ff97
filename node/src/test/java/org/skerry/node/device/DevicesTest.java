package org.skerry.node.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.home.ProcessLock;

class DevicesTest {
  @TempDir Path folder;
  private final Map<String, String> environment = new HashMap<>();
  private Path driver = Path.of("");

  @BeforeEach
  void name() {
    driver = folder.resolve("driver");
  }

  private void gpus(String... models) throws IOException {
    for (int i = 0; i < models.length; i++) {
      Path gpu = Files.createDirectories(driver.resolve("gpus/0000:0" + i + ":00.0"));
      Files.writeString(
          gpu.resolve("information"), "Model: \t\t " + models[i] + "\nIRQ:   \t\t 31\n");
    }
  }

  private void cudaLibtorch() throws IOException {
    Path library = Files.createDirectories(folder.resolve("libtorch/lib"));
    Files.writeString(library.resolve("libtorch.so"), "");
    Files.writeString(library.resolve("libtorch_cuda.so"), "");
    environment.put("PYTORCH_LIBRARY_PATH", library.toString());
    environment.put("PYTORCH_FLAVOR", "cu128");
  }

  private Devices find() {
    return Devices.find(environment, driver);
  }

  @Test
  void autoIsTheProcessorUnlessAGpuAndItsLibtorchAreThere() throws Exception {
    assertThat(find().choose("auto")).isEqualTo("cpu");
    gpus("NVIDIA H100");
    assertThat(find().gpus()).containsExactly("NVIDIA H100");
    assertThat(find().choose("auto")).isEqualTo("cpu");
    cudaLibtorch();
    assertThat(find().choose("auto")).isEqualTo("cuda:0");
    assertThat(find().choose("cpu")).isEqualTo("cpu");
  }

  @Test
  void everyGpuHasItsNumber() throws Exception {
    gpus("NVIDIA A", "NVIDIA B");
    cudaLibtorch();
    assertThat(find().choose("cuda:1")).isEqualTo("cuda:1");
    assertThatThrownBy(() -> find().choose("cuda:2"))
        .isInstanceOfSatisfying(
            NodeException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CONFIG_INVALID))
        .hasMessageContainingAll("volunteer.device is cuda:2", "2 NVIDIA GPUs", "; the first is");
  }

  @Test
  void aGpuWithoutADriverOrALibtorchIsRefusedWithWhatToInstall() throws Exception {
    assertThatThrownBy(() -> find().choose("cuda:0"))
        .hasMessageContainingAll("volunteer.device is cuda:0", "; install NVIDIA's driver");
    gpus("NVIDIA H100");
    assertThatThrownBy(() -> find().choose("cuda:0"))
        .hasMessageContainingAll("for processors only", "PYTORCH_LIBRARY_PATH=");
    assertThat(Devices.INSTALL.lines()).hasSize(2);
  }

  @Test
  void aManagementToolStandsForADriverThatBelongsToAnotherSystem() throws Exception {
    Path tool = Files.createDirectories(folder.resolve("bin")).resolve("nvidia-smi");
    Files.writeString(tool, "#!/bin/sh\n");
    environment.put("PATH", folder.resolve("bin").toString());
    assertThat(find().gpus()).isEmpty();
    assertThat(tool.toFile().setExecutable(true)).isTrue();
    assertThat(find().gpus()).containsExactly("NVIDIA GPU");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | ''",
        "-1 | ''",
        "1 | B",
        "1,0 | B A",
        "0,7,1 | A",
        "GPU-5ba3 | NVIDIA GPU",
      })
  void onlyWhatCudaShowsIsCounted(String visible, String expected) throws Exception {
    gpus("A", "B");
    environment.put("CUDA_VISIBLE_DEVICES", visible);
    assertThat(String.join(" ", find().gpus())).isEqualTo(expected);
  }

  @Test
  void variablesThatNameNoLibtorchAreTold() throws Exception {
    assertThat(Devices.variableTrouble(environment)).isEmpty();
    environment.put("PYTORCH_FLAVOR", "cu128");
    assertThat(Devices.variableTrouble(environment).orElseThrow()).contains("PYTORCH_LIBRARY_PATH");
    environment.put("PYTORCH_LIBRARY_PATH", folder.toString());
    assertThat(Devices.variableTrouble(environment).orElseThrow())
        .contains(folder.toString(), "no libtorch.so");
    Files.writeString(folder.resolve("libtorch.so"), "");
    assertThat(Devices.variableTrouble(environment).orElseThrow()).contains("libtorch_cuda.so");
    assertThat(find().cudaLibtorch()).isFalse();
    cudaLibtorch();
    assertThat(Devices.variableTrouble(environment)).isEmpty();
    assertThat(find().cudaLibtorch()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpu", "cuda", "cuda:", "cuda:-1", "cuda:100", "CPU", "", "cpu "})
  void othersAreNoDevices(String name) {
    assertThatThrownBy(() -> Devices.parse(name)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aGpuHasOneDaemonAtATime() throws Exception {
    try (ProcessLock _ = GpuLock.acquire("cuda:0", folder);
        ProcessLock _ = GpuLock.acquire("cuda:1", folder)) {
      assertThatThrownBy(() -> GpuLock.acquire("cuda:0", folder))
          .isInstanceOf(NodeException.class)
          .hasMessageContainingAll(
              "another skerry daemon (process ", "trains on cuda:0", "[volunteer]");
    }
    GpuLock.acquire("cuda:0", folder).close();
  }

  @Test
  void theMemoryOfThisMachineIsPlausible() {
    MachineMemory memory = MachineMemory.look();
    assertThat(memory.installedBytes()).isGreaterThan(256L << 20);
    assertThat(List.of(memory.freeBytes(), MachineMemory.usualCapBytes()))
        .allSatisfy(bytes -> assertThat(bytes).isBetween(1L, memory.installedBytes()));
  }
}
