package org.skerry.node.estimate;

import org.skerry.board.document.Recipe;
import org.skerry.board.document.TaskManifest;
import org.skerry.board.document.Unit;
import org.skerry.diffusion.NetworkConfig;
import org.skerry.diffusion.optimizer.Optimizer;
import org.skerry.diffusion.torch.Precision;
import org.skerry.node.task.Networks;
import org.skerry.node.task.Units;
import org.skerry.trainer.training.MemoryEstimate;
import org.skerry.transfer.BlobHead;

/**
 * What a unit asks for, whoever trains it, by arithmetic alone.
 *
 * @param precision of matrix products
 * @param batch images a step
 * @param samplesToTrain images seen until the recipe ends
 * @param textTokens of the longest text that the network looks at; 0 where it looks at none
 */
public record UnitPlan(
    NetworkConfig network,
    Optimizer.Rule optimizer,
    Precision precision,
    int batch,
    long samplesToTrain,
    MemoryEstimate memory,
    int textTokens) {
  /** For a network that reads no texts. */
  public UnitPlan(
      NetworkConfig network,
      Optimizer.Rule optimizer,
      Precision precision,
      int batch,
      long samplesToTrain,
      MemoryEstimate memory) {
    this(network, optimizer, precision, batch, samplesToTrain, memory, 0);
  }

  /** A file's safetensors header: a tensor's name, type, shape and place take about this much. */
  private static final long HEADER_BYTES_PER_TENSOR = 110;

  /**
   * The plan of {@code unit}.
   *
   * @throws IllegalArgumentException when this version cannot build its network
   */
  public static UnitPlan of(TaskManifest task, Unit unit) {
    NetworkConfig network = Networks.of(task, unit);
    Recipe recipe = task.recipeOf(unit);
    Optimizer.Rule rule = Units.optimizer(recipe);
    int textTokens = network.textWidth() == 0 ? 0 : Units.textTokens(task);
    return new UnitPlan(
        network,
        rule,
        Units.precision(recipe),
        recipe.batchSize(),
        Math.multiplyExact(recipe.steps(), (long) recipe.batchSize()),
        MemoryEstimate.of(network, rule, unit.samples(), textTokens, recipe.batchSize()),
        textTokens);
  }

  /** About the size of a published weights file. */
  public long weightsBytes() {
    return memory.weightsFileBytes() + HEADER_BYTES_PER_TENSOR * network.parameters().size();
  }

  /** About the size of a published resume file: raw weights and the optimizer's moments. */
  public long resumeBytes() {
    long tensors = 2L * network.parameters().size();
    return memory.resumeFileBytes() + HEADER_BYTES_PER_TENSOR * tensors;
  }

  /** Chunks of both blobs together. */
  public long chunks() {
    return chunks(weightsBytes()) + chunks(resumeBytes());
  }

  /** Whether both files can be blobs. */
  public boolean isPublishable() {
    return Math.max(chunks(weightsBytes()), chunks(resumeBytes())) <= BlobHead.MAX_CHUNKS;
  }

  private static long chunks(long bytes) {
    return Math.ceilDiv(bytes, (long) BlobHead.CHUNK_BYTES);
  }
}
