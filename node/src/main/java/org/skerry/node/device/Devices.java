package org.skerry.node.device;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.trainer.worker.job.TorchDevice;

/**
 * The devices of this computer. The build carries libtorch for processors; for an NVIDIA GPU the
 * user points at another one, in the variables that its loader reads. No GPU has run this yet.
 *
 * @param gpus models of the GPUs that the NVIDIA driver shows, by their number; "NVIDIA GPU" where
 *     only its presence is known
 * @param cudaLibtorch whether the variables name a libtorch for CUDA
 */
public record Devices(List<String> gpus, boolean cudaLibtorch) {
  public static final String AUTO = "auto";

  /** In two lines what a GPU takes. */
  public static final String INSTALL =
      """
      unpack libtorch 2.7.1 for CUDA 12.8 (the C++11 ABI, "libtorch-shared-with-deps") from pytorch.org
      set PYTORCH_LIBRARY_PATH=…/libtorch/lib PYTORCH_VERSION=2.7.1 PYTORCH_FLAVOR=cu128 and start again\
      """;

  private static final String CUDA = "cuda:";
  private static final String UNKNOWN_GPU = "NVIDIA GPU";
  private static final Path DRIVER = Path.of("/proc/driver/nvidia");
  private static final String MODEL = "Model:";

  public Devices {
    gpus = List.copyOf(gpus);
  }

  /** Looks at this computer. */
  public static Devices find(Map<String, String> environment) {
    return find(environment, DRIVER);
  }

  static Devices find(Map<String, String> environment, Path driver) {
    String library = environment.getOrDefault("PYTORCH_LIBRARY_PATH", "");
    String flavor = environment.getOrDefault("PYTORCH_FLAVOR", "").toLowerCase(Locale.ROOT);
    boolean cuda =
        flavor.startsWith("cu")
            && !library.isBlank()
            && Files.exists(Path.of(library).resolve("libtorch_cuda.so"));
    List<String> gpus = models(driver.resolve("gpus"));
    if (gpus.isEmpty() && hasManagementTool(environment)) {
      gpus = List.of(UNKNOWN_GPU); // where the driver belongs to another system, as under WSL
    }
    return new Devices(gpus, cuda);
  }

  private static List<String> models(Path gpus) {
    if (!Files.isDirectory(gpus)) {
      return List.of();
    }
    try (Stream<Path> each = Files.list(gpus)) {
      return each.sorted().map(Devices::model).toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  private static String model(Path gpu) {
    try (Stream<String> lines = Files.lines(gpu.resolve("information"))) {
      return lines
          .filter(line -> line.startsWith(MODEL))
          .map(line -> line.substring(MODEL.length()).strip())
          .findFirst()
          .orElse(UNKNOWN_GPU);
    } catch (IOException e) {
      return UNKNOWN_GPU;
    }
  }

  private static boolean hasManagementTool(Map<String, String> environment) {
    return Stream.of(environment.getOrDefault("PATH", "").split(":"))
        .filter(folder -> !folder.isBlank())
        .anyMatch(folder -> Files.isExecutable(Path.of(folder).resolve("nvidia-smi")));
  }

  /**
   * The device to train on.
   *
   * @param wanted {@code auto}, {@code cpu} or {@code cuda:N}
   * @throws NodeException when a GPU is wanted that cannot be used, with what to install
   */
  public String choose(String wanted) throws NodeException {
    if (wanted.equals(AUTO)) {
      return !gpus.isEmpty() && cudaLibtorch ? CUDA + 0 : TorchDevice.CPU;
    }
    if (wanted.equals(TorchDevice.CPU)) {
      return wanted;
    }
    int number = Integer.parseInt(wanted.substring(CUDA.length()));
    if (gpus.isEmpty()) {
      throw new NodeException(
          Reason.CONFIG_INVALID,
          "volunteer.device is " + wanted + ", but no NVIDIA driver runs here",
          "install the driver, or write \"auto\" or \"cpu\"");
    }
    if (number >= gpus.size()) {
      throw new NodeException(
          Reason.CONFIG_INVALID,
          "volunteer.device is %s, but the driver shows %d GPU(s): %s"
              .formatted(wanted, gpus.size(), gpus),
          "count from cuda:0");
    }
    if (!cudaLibtorch) {
      throw new NodeException(
          Reason.CONFIG_INVALID,
          "volunteer.device is " + wanted + ", but this build carries libtorch for processors only",
          INSTALL);
    }
    return wanted;
  }

  /** Whether {@code device} is a GPU. */
  public static boolean isGpu(String device) {
    return device.startsWith(CUDA);
  }

  /** Refuses what no device is called. */
  public static String parse(String text) {
    if (!text.matches("auto|cpu|cuda:\\d{1,2}")) {
      throw new IllegalArgumentException("not a device");
    }
    return text;
  }
}
