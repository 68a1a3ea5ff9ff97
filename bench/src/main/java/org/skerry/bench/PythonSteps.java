package org.skerry.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.skerry.diffusion.safetensors.HostTensor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Steps in Debian's Python with its PyTorch, in a process of their own. */
final class PythonSteps implements StepRunner {
  private static final String PYTHON = "/usr/bin/python3";
  private static final String BLAS = "libopenblas0-openmp";
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Process process;
  private final BufferedWriter orders;
  private final BufferedReader answers;

  PythonSteps(DitCase shape, Map<String, HostTensor> weights, List<StepBatch> batches, Path folder)
      throws IOException {
    Path script = folder.resolve("dit_step.py");
    try (InputStream in = PythonSteps.class.getResourceAsStream("dit_step.py")) {
      Files.write(script, Objects.requireNonNull(in).readAllBytes());
    }
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
    ProcessBuilder builder =
        new ProcessBuilder(PYTHON, script.toString(), JSON.writeValueAsString(config))
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("OMP_NUM_THREADS", Integer.toString(shape.threads()));
    process = builder.start();
    orders = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), UTF_8));
    answers = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    answer();
  }

  private static ByteBuffer buffer(long floats) {
    return ByteBuffer.allocate(Math.toIntExact(4 * floats)).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * The version of its PyTorch; empty when there is none, or when it would run on Debian's
   * reference BLAS, which is some ten times slower than an optimised one and would prove nothing.
   */
  static Optional<String> version() throws IOException, InterruptedException {
    if (!Files.isExecutable(Path.of(PYTHON))) {
      return Optional.empty();
    }
    Process process =
        new ProcessBuilder(PYTHON, "-c", "import torch, numpy; print(torch.__version__)")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String text = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    return process.waitFor() == 0 && hasFastBlas() ? Optional.of(text) : Optional.empty();
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
    int code =
        new ProcessBuilder("apt-get", "install", "-y", "-q", "python3-torch", "python3-numpy", BLAS)
            .inheritIO()
            .start()
            .waitFor();
    if (code != 0) {
      throw new IOException("apt-get could not install python3-torch: it ended with " + code);
    }
  }

  @Override
  public Cost run(int steps) throws IOException {
    orders.write(steps + "\n");
    orders.flush();
    JsonNode answer = answer();
    List<Double> losses = new ArrayList<>();
    answer.path("losses").forEach(loss -> losses.add(loss.asDouble()));
    return new Cost(answer.path("cpu").asDouble(), answer.path("wall").asDouble(), losses);
  }

  private JsonNode answer() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("the Python process ended; its last words are above");
    }
    return JSON.readTree(line);
  }

  @Override
  public void close() throws IOException {
    orders.close();
    process.destroy();
  }
}
