package org.skerry.bench;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.skerry.diffusion.DitConfig;
import org.skerry.diffusion.FlowObjective;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.optimizer.Optimizer;
import org.skerry.diffusion.torch.Torch;
import org.skerry.trainer.DurableFiles;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.training.CheckpointStore;
import org.skerry.trainer.training.Intervals;
import org.skerry.trainer.training.ResidentMemory;
import org.skerry.trainer.training.TrainingControl;
import org.skerry.trainer.training.TrainingData;
import org.skerry.trainer.training.TrainingEvent;
import org.skerry.trainer.training.TrainingLoop;
import org.skerry.trainer.training.TrainingRecipe;
import org.skerry.trainer.training.TrainingRun;

/**
 * What checkpoints cost a run of a DiT with 33 million parameters (S, patch 2), as its loop
 * accounts for it: copies, and slower steps while one is written. Beside it, as a bound, all time
 * beyond the usual step whatever its cause; and how the process's memory grows.
 */
final class CheckpointStallBenchmark implements Benchmark {
  private static final int SETTLED_STEPS = 200;

  @Override
  public String name() {
    return "checkpoint-stall";
  }

  @Override
  public String about() {
    return "training time lost to checkpoints, and memory that grows";
  }

  @Override
  public Map<String, String> options() {
    return new TreeMap<>(Map.of("steps", "2000", "seconds", "30", "threads", "1"));
  }

  @Override
  public Report run(Options options) throws Exception {
    Torch.threads(options.number("threads"));
    Network network = Network.of(new DitConfig(3, 8, 2, 384, 12, 6, 1536, 0, false));
    Path folder = Files.createTempDirectory("skerry-bench");
    try (NDManager manager = Torch.newManager();
        TrainingRun run =
            TrainingRun.fromWeights(
                network,
                new FlowObjective(),
                new TrainingData(BuiltInPictures.generate(64, 8, 1), null),
                // Muon would spend most of such a small step on its iterations.
                TrainingRecipe.shortRun(options.number("steps"), 2, 1)
                    .withOptimizer(Optimizer.Rule.ADAMW),
                Parameters.initialTensors(network, 1),
                0,
                manager)) {
      Gaps gaps = new Gaps();
      List<Long> memory = new ArrayList<>();
      new TrainingLoop(
              run,
              new CheckpointStore(folder.resolve("checkpoints"), "bench"),
              folder.resolve("snapshots"),
              average -> null,
              new TrainingControl(),
              event -> {
                if (event instanceof TrainingEvent.CheckpointWritten written) {
                  gaps.written(written.costSeconds());
                } else if (event instanceof TrainingEvent.Progress progress
                    && progress.step() > SETTLED_STEPS) {
                  memory.add(progress.residentBytes());
                }
              },
              () -> gaps.look(run.stepsMade()),
              new Intervals(
                  Duration.ofSeconds(options.number("seconds")),
                  Duration.ofDays(1),
                  Duration.ofSeconds(2)))
          .run();
      memory.add(ResidentMemory.bytes());
      return report(gaps, memory, network);
    } finally {
      DurableFiles.deleteTree(folder);
    }
  }

  private static Report report(Gaps gaps, List<Long> memory, Network network) throws IOException {
    double growth = growth(memory) / (1 << 20);
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("stall_fraction", Math.round(1e5 * gaps.stallFraction()) / 1e5);
    figures.put("over_usual_fraction", Math.round(1e5 * gaps.overUsualFraction()) / 1e5);
    figures.put("rss_growth_mb", Report.rounded(growth));
    figures.put("checkpoints", gaps.checkpoints);
    figures.put("parameters", network.config().parameterCount());
    return new Report(
        List.of("checkpoints", "usual ms", "stall share", "RSS growth MB"),
        List.of(
            Report.Row.of(
                "DiT-S/2 at 16 tokens",
                (double) gaps.checkpoints,
                1000 * gaps.usual(),
                gaps.stallFraction(),
                growth)),
        figures);
  }

  /**
   * From the first quarter of the readings to the last, since a single one depends on what the
   * collector just did.
   */
  private static double growth(List<Long> bytes) {
    int quarter = Math.max(1, bytes.size() / 4);
    return mean(bytes.subList(bytes.size() - quarter, bytes.size()))
        - mean(bytes.subList(0, quarter));
  }

  private static double mean(List<Long> values) {
    return values.stream().mapToLong(v -> v).average().orElseThrow();
  }

  /** The time between the moments at which the number of steps changes. */
  private static final class Gaps {
    private final List<Double> gaps = new ArrayList<>();
    private long steps = -1;
    private long since;
    private double cost;
    int checkpoints;

    /** The loop's clock. */
    long look(long made) {
      long now = System.nanoTime();
      if (made != steps) {
        if (steps >= 0) {
          gaps.add((now - since) / 1e9);
        }
        steps = made;
        since = now;
      }
      return now;
    }

    void written(double costSeconds) {
      checkpoints++;
      cost += costSeconds;
    }

    double usual() {
      return Median.of(gaps);
    }

    double stallFraction() {
      return cost / total();
    }

    /** All time beyond the usual gap, whatever its cause. */
    double overUsualFraction() {
      return 1 - usual() * gaps.size() / total();
    }

    private double total() {
      return gaps.stream().mapToDouble(g -> g).sum();
    }
  }
}
