package org.skerry.trainer.worker.job;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.NetworkConfig;
import org.skerry.diffusion.Objective;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.diffusion.torch.Torch;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;
import org.skerry.trainer.dataset.IndexedShards;
import org.skerry.trainer.text.SampleTexts;
import org.skerry.trainer.text.TextTable;
import org.skerry.trainer.training.Checkpoint;
import org.skerry.trainer.training.CheckpointStore;
import org.skerry.trainer.training.Intervals;
import org.skerry.trainer.training.Objectives;
import org.skerry.trainer.training.Recompute;
import org.skerry.trainer.training.RunState;
import org.skerry.trainer.training.TrainingData;
import org.skerry.trainer.training.TrainingEvent;
import org.skerry.trainer.training.TrainingLoop;
import org.skerry.trainer.training.TrainingRecipe;
import org.skerry.trainer.training.TrainingRun;
import org.skerry.trainer.worker.JobContext;
import org.skerry.trainer.worker.JobHandler;
import org.skerry.trainer.worker.ProcessSpentException;
import tools.jackson.databind.JsonNode;

/**
 * Trains an expert or a router. Started again with the same configuration it goes on from the
 * newest checkpoint in its work folder.
 */
public final class TrainJob implements JobHandler {
  public static final String KIND = "train";

  /** The event that tells of how many images gradients are computed at once, when memory ended. */
  public static final String SMALLER_PARTS = "smaller-parts";

  private static final int MAX_HELD_OUT = 256;
  private static final long DRAWS_SEED = 0;

  @Override
  public TrainResult run(JsonNode json, JobContext context)
      throws IOException, InterruptedException {
    TrainConfig config = context.config(json, TrainConfig.class);
    Network network = Network.of(NetworkConfig.fromProperties(config.network()));
    TextTable texts = config.texts().open(network.config());
    Heldout heldOut = Heldout.read(config.validation(), network.config(), texts, MAX_HELD_OUT);
    Path folder = Path.of(config.workFolder());
    CheckpointStore store = new CheckpointStore(folder.resolve("checkpoints"), identity(config));
    Optional<RunState> found = store.newest();
    Torch.threads(config.threads());
    try (TrainingData data = read(config, network.config(), texts);
        NDManager manager = Torch.newManager(TorchDevice.parse(config.device()));
        TrainingRun run = start(config, network, data, found, manager)) {
      context.emit(
          "started",
          new TrainingEvent.Started(
              run.stepsMade(), config.recipe().steps(), data.count(), found.isPresent()));
      Parts parts = parts(config, folder, context);
      run.limitMicroBatch(parts.images());
      run.recompute(parts.recomputes() ? Recompute.ON : Recompute.OFF);
      TrainingLoop loop =
          new TrainingLoop(
              run,
              store,
              folder.resolve("snapshots"),
              average -> heldOut.isEmpty() ? null : heldOut.loss(network, average, DRAWS_SEED),
              context.control(),
              event -> {
                if (event instanceof TrainingEvent.Progress) {
                  prove(parts);
                }
                context.emit(name(event), event);
              },
              System::nanoTime,
              new Intervals(
                  duration(config.checkpointSeconds()),
                  duration(config.snapshotSeconds()),
                  duration(config.progressSeconds())));
      TrainingLoop.Outcome outcome = run(loop, parts, context);
      Checkpoint last = outcome.checkpoint();
      return new TrainResult(
          outcome.finished(),
          outcome.step(),
          outcome.loss(),
          last.weights().toString(),
          last.resume().toString());
    }
  }

  private static Parts parts(TrainConfig config, Path folder, JobContext context)
      throws IOException {
    int batch = config.recipe().batchSize();
    int asked = config.microBatch() > 0 ? Math.min(config.microBatch(), batch) : batch;
    Parts parts = Parts.open(folder.resolve("parts"), asked, config.recompute(), context.crashed());
    if (parts.isLessByCrash()) {
      tell(parts, context);
    }
    return parts;
  }

  private static void tell(Parts parts, JobContext context) {
    context.emit(SMALLER_PARTS, Map.of("images", parts.images(), "recomputes", parts.recomputes()));
  }

  /** The first step with a number is the one that shows whether memory suffices. */
  private static void prove(Parts parts) {
    try {
      parts.prove();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TrainingLoop.Outcome run(TrainingLoop loop, Parts parts, JobContext context)
      throws IOException, InterruptedException {
    try {
      return loop.run();
    } catch (TrainerException e) {
      if (e.reason() != Reason.OUT_OF_MEMORY || !parts.isLess()) {
        throw e;
      }
      parts.lessen();
      tell(parts, context);
      throw new ProcessSpentException(
          e.getMessage() + "; the next process takes " + parts.images(), e);
    }
  }

  /** Runs that share this go on from each other's checkpoints. */
  private static String identity(TrainConfig config) {
    return new TreeMap<>(config.network()) + " " + config.recipe() + " " + config.start();
  }

  private static TrainingData read(
      TrainConfig config, NetworkConfig network, @Nullable TextTable texts) throws IOException {
    IndexedShards shards = Shards.open(config.shards(), network, texts);
    try {
      return data(config, network, shards, texts);
    } catch (RuntimeException e) {
      shards.close();
      throw e;
    }
  }

  private static TrainingData data(
      TrainConfig config, NetworkConfig network, IndexedShards shards, @Nullable TextTable texts) {
    int threads = TrainingData.defaultThreads();
    if (Objectives.isRouter(network)) {
      long[] partitions = Shards.partitionLabels(config.shards(), shards.counts());
      return new TrainingData(shards, partitions, shards.window(), threads);
    }
    if (config.shards().size() != 1) {
      throw new IllegalArgumentException(
          "an expert trains on one partition, not on " + config.shards().size());
    }
    if (texts != null) {
      SampleTexts captions = new SampleTexts(texts, shards.texts());
      return TrainingData.ofTexts(shards, captions, shards.window(), threads);
    }
    if (network.labels() == 0) {
      return new TrainingData(shards, null, shards.window(), threads);
    }
    long[] classes = new long[shards.count()];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = Shards.label(shards.classOf(i), network);
    }
    return TrainingData.ofClasses(shards, classes, network.nullLabel(), shards.window(), threads);
  }

  private static TrainingRun start(
      TrainConfig config,
      Network network,
      TrainingData data,
      Optional<RunState> found,
      NDManager manager)
      throws IOException {
    Objective objective = Objectives.of(network.config());
    TrainingRecipe recipe = config.recipe();
    if (found.isPresent()) {
      return TrainingRun.resume(network, objective, data, recipe, found.get(), manager);
    }
    TrainConfig.Start start = config.start();
    String weights = start.weights();
    String resume = start.resume();
    if (weights != null && resume != null) {
      RunState state = Checkpoint.readFiles(Path.of(weights), Path.of(resume));
      return TrainingRun.resume(network, objective, data, recipe, state, manager);
    }
    Map<String, HostTensor> tensors =
        weights == null
            ? Parameters.initialTensors(network, start.seed())
            : Safetensors.map(Path.of(weights)).tensors();
    return TrainingRun.fromWeights(
        network, objective, data, recipe, tensors, start.step(), manager);
  }

  private static String name(TrainingEvent event) {
    return switch (event) {
      case TrainingEvent.Started _ -> "started";
      case TrainingEvent.Progress _ -> "progress";
      case TrainingEvent.CheckpointWritten _ -> "checkpoint";
      case TrainingEvent.Snapshot _ -> "snapshot";
      case TrainingEvent.RolledBack _ -> "rolled-back";
      case TrainingEvent.Paused _ -> "paused";
      case TrainingEvent.Resumed _ -> "resumed";
    };
  }

  private static Duration duration(double seconds) {
    return Duration.ofNanos((long) (seconds * 1e9));
  }
}
