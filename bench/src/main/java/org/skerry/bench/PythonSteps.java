package org.skerry.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.skerry.diffusion.safetensors.HostTensor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Steps in Debian's Python with its PyTorch, in a process of their own. */
final class PythonSteps implements StepRunner {
  private static final String BLAS = "libopenblas0-openmp";
  private static final JsonMapper JSON = JsonMapper.shared();

  private final PythonProcess process;

  PythonSteps(DitCase shape, Map<String, HostTensor> weights, List<StepBatch> batches, Path folder)
      throws IOException {
    Path weightsFile = folder.resolve("weights.f32");
    Path batchesFile = folder.resolve("batches.f32");
    long numbers = weights.values().stream().mapToLong(tensor -> tensor.floats().length).sum();
    ByteBuffer all = buffer(numbers);
    weights.values().forEach(tensor -> StepBatch.put(all, tensor.floats()));
    Files.write(weightsFile, all.array());
    ByteBuffer data =
        buffer(
            batches.stream()
                .mapToLong(b -> b.images().length + b.noise().length + b.times().length)
                .sum());
    batches.forEach(batch -> batch.put(data));
    Files.write(batchesFile, data.array());
    Map<String, Object> config = shape.forPython(weightsFile.toString(), batchesFile.toString());
    process =
        new PythonProcess(
            "dit_step.py",
            JSON.writeValueAsString(config),
            Map.of("OMP_NUM_THREADS", Integer.toString(shape.threads())),
            folder);
    process.answer();
  }

  private static ByteBuffer buffer(long floats) {
    return ByteBuffer.allocate(Math.toIntExact(4 * floats)).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * The version of its PyTorch; empty when there is none, or when it would run on Debian's
   * reference BLAS, which is some ten times slower than an optimised one and would prove nothing.
   */
  static Optional<String> version() throws IOException, InterruptedException {
    Optional<String> version =
        PythonProcess.output("import torch, numpy; print(torch.__version__)");
    return version.isPresent() && hasFastBlas() ? version : Optional.empty();
  }

  private static boolean hasFastBlas() throws IOException {
    Path alternatives = Path.of("/etc/alternatives");
    if (!Files.isDirectory(alternatives)) {
      return false;
    }
    try (Stream<Path> links = Files.list(alternatives)) {
      for (Path link :
          links.filter(p -> p.getFileName().toString().startsWith("libblas.so.3")).toList()) {
        if (link.toRealPath().toString().contains("openblas")) {
          return true;
        }
      }
    }
    return false;
  }

  /** Installs Debian's package; needs the rights to. */
  static void install() throws IOException, InterruptedException {
    PythonProcess.install(List.of("python3-torch", "python3-numpy", BLAS));
  }

  @Override
  public Cost run(int steps) throws IOException {
    JsonNode answer = process.ask(Integer.toString(steps));
    List<Double> losses = new ArrayList<>();
    answer.path("losses").forEach(loss -> losses.add(loss.asDouble()));
    return new Cost(answer.path("cpu").asDouble(), answer.path("wall").asDouble(), losses);
  }

  @Override
  public void close() throws IOException {
    process.close();
  }
}
