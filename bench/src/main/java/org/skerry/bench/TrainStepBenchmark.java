package org.skerry.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.skerry.diffusion.Batch;
import org.skerry.diffusion.FlowObjective;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.SeededRandom;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.torch.Torch;
import org.skerry.diffusion.torch.TorchScript;
import org.skerry.trainer.DurableFiles;

/**
 * A training step of diffusion transformers: forward, backward, clipping and AdamW, beside the same
 * forward as one scripted module in the same libtorch, beside Debian's Python and PyTorch, and
 * beside what matrix products reach. The contestants take turns; costs are CPU seconds, medians of
 * rounds.
 */
final class TrainStepBenchmark implements Benchmark {
  private static final int BATCHES = 4;
  private static final int GEMM = 1024;
  private static final double GEMM_FLOPS = 2.0 * GEMM * GEMM * GEMM;

  @Override
  public String name() {
    return "train-step";
  }

  @Override
  public String about() {
    return "a training step of a DiT, beside a scripted module, Python and matrix products";
  }

  @Override
  public Map<String, String> options() {
    return new TreeMap<>(
        Map.of("models", "S,B", "python", "auto", "rounds", "3", "steps", "2", "threads", "2"));
  }

  /** What one case cost a step: CPU seconds of each contestant, medians. */
  private record Result(
      DitCase shape, double java, double script, double python, double gemm, double lossGap) {
    double overScript() {
      return java / script;
    }

    double overPython() {
      return java / python;
    }

    double gemmFraction() {
      return shape.flops() / java / gemm;
    }

    Report.Row row() {
      return Report.Row.of(
          shape.label(),
          1000 * java,
          1000 * script,
          1000 * python,
          overScript(),
          overPython(),
          gemmFraction(),
          lossGap);
    }
  }

  @Override
  public Report run(Options options) throws Exception {
    Optional<String> python = python(options.text("python"));
    List<Result> results = new ArrayList<>();
    for (String size : options.text("models").split(",")) {
      for (int tokens : new int[] {64, 1024}) {
        for (int threads = 1; threads <= options.number("threads"); threads++) {
          DitCase shape = DitCase.of(size, tokens, threads);
          results.add(
              measure(
                  shape, options.number("rounds"), options.number("steps"), python.isPresent()));
        }
      }
    }
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("java_over_same_libtorch", median(results.stream().map(Result::overScript)));
    figures.put("gemm_fraction", median(results.stream().map(Result::gemmFraction)));
    if (python.isPresent()) {
      figures.put("java_over_debian_python_64", overPython(results, 64));
      figures.put("java_over_debian_python_1024", overPython(results, 1024));
      figures.put("debian_torch", python.get());
    }
    figures.put(
        "largest_loss_gap", results.stream().mapToDouble(Result::lossGap).max().orElseThrow());
    Map<String, Object> cases = new LinkedHashMap<>();
    for (Result result : results) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("java_over_same_libtorch", Report.rounded(result.overScript()));
      one.put("gemm_fraction", Report.rounded(result.gemmFraction()));
      if (python.isPresent()) {
        one.put("java_over_debian_python", Report.rounded(result.overPython()));
      }
      cases.put(result.shape().label(), one);
    }
    figures.put("cases", cases);
    return new Report(
        List.of("Java ms", "script ms", "Python ms", "/ script", "/ Python", "of GEMM", "loss gap"),
        results.stream().map(Result::row).toList(),
        figures);
  }

  private static Optional<String> python(String wish) throws IOException, InterruptedException {
    if (wish.equals("no")) {
      return Optional.empty();
    }
    Optional<String> version = PythonSteps.version();
    if (version.isEmpty() && wish.equals("install")) {
      PythonSteps.install();
      version = PythonSteps.version();
    }
    return version;
  }

  private static double overPython(List<Result> results, int tokens) {
    return median(
        results.stream().filter(r -> r.shape().tokens() == tokens).map(Result::overPython));
  }

  private static double median(Stream<Double> values) {
    return Report.rounded(Median.of(values.toList()));
  }

  private static Result measure(DitCase shape, int rounds, int steps, boolean python)
      throws Exception {
    Torch.threads(shape.threads());
    List<StepBatch> batches =
        IntStream.range(0, BATCHES).mapToObj(i -> StepBatch.draw(shape, i)).toList();
    Map<String, HostTensor> weights = weights(shape);
    Path folder = Files.createTempDirectory("skerry-bench");
    List<StepRunner> runners = new ArrayList<>();
    try (NDManager manager = Torch.newManager()) {
      FlowObjective objective = new FlowObjective();
      runners.add(
          new LibtorchSteps(shape, weights, batches, (s, n, p, b) -> objective.loss(s, n, p, b)));
      TorchScript script = new TorchScript(manager, source(), Map.of());
      NDArray heads = manager.create((long) shape.heads());
      runners.add(
          new LibtorchSteps(
              shape, weights, batches, (s, n, p, b) -> scripted(script, heads, p, b)));
      if (python) {
        runners.add(new PythonSteps(shape, weights, batches, folder));
      }
      List<List<Double>> costs = new ArrayList<>();
      List<List<Double>> losses = new ArrayList<>();
      for (StepRunner runner : runners) {
        losses.add(new ArrayList<>(runner.run(2).losses()));
        costs.add(new ArrayList<>());
      }
      double gemm = 0;
      for (int round = 0; round < rounds; round++) {
        gemm = Math.max(gemm, gemmFlopsPerCpuSecond(manager));
        for (int i = 0; i < runners.size(); i++) {
          StepRunner.Cost cost = runners.get(i).run(steps);
          costs.get(i).add(cost.cpuSeconds() / steps);
          losses.get(i).addAll(cost.losses());
        }
      }
      return new Result(
          shape,
          Median.of(costs.get(0)),
          Median.of(costs.get(1)),
          python ? Median.of(costs.get(2)) : Double.NaN,
          gemm,
          lossGap(losses));
    } finally {
      for (StepRunner runner : runners) {
        runner.close();
      }
      DurableFiles.deleteTree(folder);
    }
  }

  /** The largest difference between two contestants' losses at one step, relative. */
  private static double lossGap(List<List<Double>> losses) {
    double gap = 0;
    for (int step = 0; step < losses.getFirst().size(); step++) {
      for (List<Double> other : losses) {
        double mine = losses.getFirst().get(step);
        gap = Math.max(gap, Math.abs(other.get(step) - mine) / mine);
      }
    }
    return gap;
  }

  /** All weights random, so that no block is the identity. */
  private static Map<String, HostTensor> weights(DitCase shape) {
    Map<String, HostTensor> weights = Parameters.initialTensors(Network.of(shape.config()), 1);
    int index = 0;
    for (Map.Entry<String, HostTensor> e : weights.entrySet()) {
      if (!e.getKey().equals("pos_embed") && !e.getKey().endsWith("bias")) {
        float[] values = SeededRandom.of(2, index++).gaussians(e.getValue().floats().length);
        for (int i = 0; i < values.length; i++) {
          values[i] *= 0.02f;
        }
        e.setValue(
            HostTensor.of(
                values, e.getValue().shape().stream().mapToLong(Long::longValue).toArray()));
      }
    }
    return weights;
  }

  private static NDArray scripted(TorchScript script, NDArray heads, Parameters p, Batch batch) {
    NDList list = new NDList(batch.images(), batch.noise(), batch.times(), heads);
    list.addAll(p.arrays().values());
    return script.call("loss", list);
  }

  private static double gemmFlopsPerCpuSecond(NDManager manager) {
    try (NDManager scratch = manager.newSubManager()) {
      NDArray a = scratch.randomNormal(new Shape(GEMM, GEMM));
      NDArray b = scratch.randomNormal(new Shape(GEMM, GEMM));
      double best = 0;
      for (int i = 0; i < 10; i++) {
        double cpu = Cpu.seconds();
        for (int k = 0; k < 4; k++) {
          a.matMul(b).close();
        }
        best = Math.max(best, 4 * GEMM_FLOPS / (Cpu.seconds() - cpu));
      }
      return best;
    }
  }

  private static String source() throws IOException {
    try (InputStream in = TrainStepBenchmark.class.getResourceAsStream("dit_step.torchscript")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
