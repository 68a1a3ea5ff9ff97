package org.skerry.node.device;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
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

  private static final String LIBRARY_PATH = "PYTORCH_LIBRARY_PATH";
  private static final String FLAVOR = "PYTORCH_FLAVOR";
  private static final String CUDA_LIBRARY = "libtorch_cuda.so";
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
    String library = environment.getOrDefault(LIBRARY_PATH, "");
    String flavor = environment.getOrDefault(FLAVOR, "").toLowerCase(Locale.ROOT);
    boolean cuda =
        flavor.startsWith("cu")
            && !library.isBlank()
            && Files.exists(Path.of(library).resolve(CUDA_LIBRARY));
    List<String> gpus = models(driver.resolve("gpus"));
    if (gpus.isEmpty() && hasManagementTool(environment)) {
      gpus = List.of(UNKNOWN_GPU); // where the driver belongs to another system, as under WSL
    }
    return new Devices(visible(gpus, environment.get("CUDA_VISIBLE_DEVICES")), cuda);
  }

  /** CUDA counts only those that its variable names, up to the first that does not exist. */
  private static List<String> visible(List<String> gpus, @Nullable String numbers) {
    if (numbers == null) {
      return gpus;
    }
    List<String> visible = new ArrayList<>();
    for (String number : numbers.split(",")) {
      String text = number.strip();
      boolean uuid = text.startsWith("GPU-") || text.startsWith("MIG-");
      if (!uuid && (!text.matches("\\d{1,3}") || Integer.parseInt(text) >= gpus.size())) {
        break;
      }
      visible.add(uuid ? UNKNOWN_GPU : gpus.get(Integer.parseInt(text)));
    }
    return visible;
  }

  /** What keeps the variables from naming a libtorch for CUDA; empty when they do or are unset. */
  public static Optional<String> variableTrouble(Map<String, String> environment) {
    String library = environment.getOrDefault(LIBRARY_PATH, "");
    String flavor = environment.getOrDefault(FLAVOR, "");
    if (library.isBlank()) {
      return flavor.isBlank()
          ? Optional.empty()
          : Optional.of(FLAVOR + " is set, but " + LIBRARY_PATH + " is not");
    }
    Path folder = Path.of(library);
    if (!Files.exists(folder.resolve("libtorch.so"))) {
      return Optional.of(LIBRARY_PATH + " is " + library + ", where no libtorch.so is");
    }
    if (!flavor.toLowerCase(Locale.ROOT).startsWith("cu")) {
      return Optional.empty();
    }
    return Files.exists(folder.resolve(CUDA_LIBRARY))
        ? Optional.empty()
        : Optional.of(
            "%s is %s, but there is no %s in %s".formatted(FLAVOR, flavor, CUDA_LIBRARY, library));
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
          "volunteer.device is " + wanted + ", but no NVIDIA GPU is visible here",
          "install NVIDIA's driver, or write \"auto\" or \"cpu\"");
    }
    if (number >= gpus.size()) {
      throw new NodeException(
          Reason.CONFIG_INVALID,
          "volunteer.device is %s, but there are only %d NVIDIA GPUs: %s"
              .formatted(wanted, gpus.size(), String.join(", ", gpus)),
          "the first is called cuda:0");
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
      throw new IllegalArgumentException("no device is called so");
    }
    return text;
  }
}
