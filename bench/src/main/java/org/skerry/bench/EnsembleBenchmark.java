package org.skerry.bench;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.skerry.bench.Report.Row;
import org.skerry.diffusion.DitClassifierConfig;
import org.skerry.diffusion.DitConfig;
import org.skerry.diffusion.DitSize;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.VelocityField;
import org.skerry.diffusion.torch.Torch;
import org.skerry.router.Ensemble;
import org.skerry.router.ExpertCache;
import org.skerry.router.Router;
import org.skerry.router.Sampler;
import org.skerry.router.Schedule;
import org.skerry.router.Solver;
import org.skerry.router.Strategy;
import org.skerry.trainer.DurableFiles;

/**
 * What top-1 over experts costs beside one model of the size of an expert: with all of them in
 * memory, and with memory for two. Every expert gets its share of the images, which is the hardest
 * for memory; the router is evaluated in full, and then overruled. The contestants take turns.
 */
final class EnsembleBenchmark implements Benchmark {
  private static final int CHANNELS = 4;
  private static final int SIDE = 16;
  private static final int PATCH = 2;

  @Override
  public String name() {
    return "ensemble";
  }

  @Override
  public String about() {
    return "top-1 over experts beside one model of their size, in memory or not";
  }

  @Override
  public Map<String, String> options() {
    return new TreeMap<>(
        Map.of("experts", "8", "images", "64", "steps", "3", "rounds", "5", "threads", "1"));
  }

  @Override
  public Report run(Options options) throws Exception {
    Torch.threads(options.number("threads"));
    Path folder = Files.createTempDirectory("skerry-bench");
    try (NDManager manager = Torch.newManager()) {
      return new Contest(options, folder, manager).run();
    } finally {
      DurableFiles.deleteTree(folder);
    }
  }

  /** Wall-clock and processor seconds. */
  private record Cost(double seconds, double cpuSeconds) {}

  private static final class Contest {
    private final Options options;
    private final Path folder;
    private final NDManager manager;
    private final int experts;
    private final Network network =
        Network.of(
            new DitConfig(
                CHANNELS,
                SIDE,
                PATCH,
                DitSize.S.hidden(),
                DitSize.S.depth(),
                DitSize.S.heads(),
                4 * DitSize.S.hidden(),
                0,
                false));
    private final Map<String, List<Cost>> costs = new LinkedHashMap<>();

    Contest(Options options, Path folder, NDManager manager) {
      this.options = options;
      this.folder = folder;
      this.manager = manager;
      experts = options.number("experts");
    }

    Report run() throws IOException {
      long each = network.config().parameterCount() * Float.BYTES;
      try (ExpertCache all = new ExpertCache(manager, experts * each, 0);
          ExpertCache two = new ExpertCache(manager, 2 * each, 0)) {
        List<Path> files = new ArrayList<>();
        for (int k = 0; k < experts; k++) {
          files.add(save(k));
        }
        Router router = router();
        VelocityField single = all.expert(network, files.getFirst()).field(network::field);
        Map<String, VelocityField> contestants = new LinkedHashMap<>();
        contestants.put("one model", single);
        contestants.put("top-1, all in memory", ensemble(router, all, files));
        contestants.put("top-1, two in memory", ensemble(router, two, files));
        contestants.put("routing and grouping alone", idle(router));
        for (int round = -1; round < options.number("rounds"); round++) {
          for (Map.Entry<String, VelocityField> contestant : contestants.entrySet()) {
            Cost cost = sample(contestant.getValue());
            // The first round warms up.
            if (round >= 0) {
              costs.computeIfAbsent(contestant.getKey(), _ -> new ArrayList<>()).add(cost);
            }
          }
        }
        return report(List.copyOf(contestants.keySet()), two);
      }
    }

    private Path save(int k) throws IOException {
      Path file = folder.resolve(k + ".safetensors");
      try (Parameters p = Parameters.initialise(network, manager, k)) {
        p.toSafetensors(file, Map.of());
      }
      return file;
    }

    /** As beside a DiT-S of a task: half as wide and deep, with patches twice as large. */
    private Router router() {
      DitSize size = DitSize.S;
      Network network =
          Network.of(
              new DitClassifierConfig(
                  CHANNELS,
                  SIDE,
                  2 * PATCH,
                  size.hidden() / 2,
                  size.depth() / 2,
                  size.heads() / 2,
                  2 * size.hidden(),
                  experts));
      Router evaluated = Router.of(network, Parameters.initialise(network, manager, 99));
      return (x, t) -> {
        float[] logits = evaluated.logits(x, t).toFloatArray();
        for (int i = 0; i < logits.length; i++) {
          logits[i] = i / experts % experts == i % experts ? 1 : 0;
        }
        return x.getManager().create(logits, new Shape(x.getShape().get(0), experts));
      };
    }

    private Ensemble ensemble(Router router, ExpertCache cache, List<Path> files) {
      Map<Integer, VelocityField> fields = new TreeMap<>();
      for (int k = 0; k < files.size(); k++) {
        fields.put(k, cache.expert(network, files.get(k)).field(network::field));
      }
      return new Ensemble(router, fields, experts, new Strategy.Top1());
    }

    private Ensemble idle(Router router) {
      Map<Integer, VelocityField> fields = new TreeMap<>();
      for (int k = 0; k < experts; k++) {
        fields.put(k, (x, _) -> x.duplicate());
      }
      return new Ensemble(router, fields, experts, new Strategy.Top1());
    }

    private Cost sample(VelocityField field) {
      long begin = System.nanoTime();
      double cpu = Cpu.seconds();
      int images = options.number("images");
      new Sampler(Solver.EULER, Schedule.even(options.number("steps")), images)
          .sample(manager, field, CHANNELS, SIDE, 1, images);
      return new Cost((System.nanoTime() - begin) / 1e9, Cpu.seconds() - cpu);
    }

    private Report report(List<String> names, ExpertCache two) {
      double perImage = 1000.0 / options.number("images") / options.number("steps");
      String single = names.get(0);
      List<Row> rows = new ArrayList<>();
      for (String name : names) {
        rows.add(
            Row.of(
                name, perImage * seconds(name), perImage * cpuSeconds(name), ratio(name, single)));
      }
      Map<String, Object> figures = new LinkedHashMap<>();
      figures.put("top1_over_single", Report.rounded(ratio(names.get(1), single)));
      figures.put("top1_over_single_two_in_memory", Report.rounded(ratio(names.get(2), single)));
      figures.put("routing_share", Report.rounded(ratio(names.get(3), single)));
      figures.put(
          "routing_ms_per_image_and_step", Report.rounded(perImage * seconds(names.get(3))));
      figures.put("parameters", network.config().parameterCount());
      figures.put("two_in_memory_bytes", two.memoryBytes());
      figures.put("two_in_memory_loads", two.loads());
      return new Report(List.of("ms/image/step", "CPU ms", "over one"), rows, figures);
    }

    private double seconds(String name) {
      return Median.of(of(name).stream().map(Cost::seconds).toList());
    }

    /** Of the same rounds, since the machine is not the same in each. */
    private double ratio(String name, String single) {
      List<Double> ratios = new ArrayList<>();
      for (int i = 0; i < of(name).size(); i++) {
        ratios.add(of(name).get(i).seconds() / of(single).get(i).seconds());
      }
      return Median.of(ratios);
    }

    private double cpuSeconds(String name) {
      return Median.of(of(name).stream().map(Cost::cpuSeconds).toList());
    }

    private List<Cost> of(String name) {
      return costs.getOrDefault(name, List.of());
    }
  }
}
