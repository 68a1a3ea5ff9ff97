package org.skerry.trainer.worker.job;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.skerry.trainer.training.Recompute;
import org.skerry.trainer.training.TrainingRecipe;

/**
 * Configuration of {@link TrainJob}. Paths are absolute.
 *
 * @param network as {@link org.skerry.diffusion.NetworkConfig#toProperties} writes it; a classifier
 *     is trained as a router, anything else as an expert
 * @param recipe how it is trained
 * @param shards training tars of each partition: one partition for an expert, all for a router,
 *     which learns their position
 * @param validation held-out tars in the same order, measured at every snapshot; empty for none
 * @param workFolder where checkpoints and snapshots go, and where a run that was cut short goes on
 *     from
 * @param start where a run without a checkpoint starts
 * @param microBatch images whose gradient is computed at once; 0 for the whole batch. Summed
 *     gradients make the same step but for rounding, so a run may go on with another number
 * @param recompute whether blocks are computed twice to save memory, which changes no weight
 * @param device {@code cpu}, or {@code cuda:N} where libtorch was built for it
 * @param threads of libtorch
 * @param checkpointSeconds of work between two checkpoints
 * @param snapshotSeconds of work between two snapshots
 * @param progressSeconds between two progress events
 * @param texts encoded captions of both kinds of tars
 */
public record TrainConfig(
    Map<String, String> network,
    TrainingRecipe recipe,
    List<List<String>> shards,
    List<List<String>> validation,
    String workFolder,
    Start start,
    int microBatch,
    Recompute recompute,
    String device,
    int threads,
    double checkpointSeconds,
    double snapshotSeconds,
    double progressSeconds,
    TextTables texts) {
  /**
   * Where a run starts: fresh weights of {@code seed} when {@code weights} is null; somebody's
   * weights at {@code step} with a fresh optimizer when {@code resume} is null; exactly where a
   * checkpoint was taken when both are given.
   *
   * @param seed of fresh weights
   * @param weights EMA weights, a safetensors file
   * @param resume raw weights and optimizer state of the same step, a safetensors file
   * @param step of weights without {@code resume}, 0 otherwise
   */
  public record Start(long seed, @Nullable String weights, @Nullable String resume, long step) {
    public Start {
      if (resume != null && weights == null) {
        throw new IllegalArgumentException("a resume file needs its weights file beside it");
      }
      if (step < 0) {
        throw new IllegalArgumentException("start step " + step + " is negative");
      }
    }

    public static Start fresh(long seed) {
      return new Start(seed, null, null, 0);
    }
  }

  public TrainConfig {
    network = Map.copyOf(network);
    TorchDevice.requireName(device);
    shards = shards.stream().map(List::copyOf).toList();
    validation = validation.stream().map(List::copyOf).toList();
    if (shards.isEmpty() || shards.stream().anyMatch(List::isEmpty)) {
      throw new IllegalArgumentException("every partition needs at least one shard");
    }
    if (microBatch < 0
        || threads < 1
        || !(checkpointSeconds > 0 && snapshotSeconds > 0 && progressSeconds > 0)) {
      throw new IllegalArgumentException("threads and intervals must be positive");
    }
  }
}
