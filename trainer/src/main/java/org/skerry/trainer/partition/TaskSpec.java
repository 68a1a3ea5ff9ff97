package org.skerry.trainer.partition;

/**
 * How a dataset becomes a task.
 *
 * @param partitions number of experts K
 * @param imagesPerShard images in one tar
 * @param heldOutShare share (0..0.25) of each partition for the public and again for the secret
 *     validation split
 * @param maxHeldOut most images in one validation split of one partition
 * @param seed decides clustering, splits and the order of images in the shards
 */
public record TaskSpec(
    int partitions, int imagesPerShard, double heldOutShare, int maxHeldOut, long seed) {
  public static final int MAX_PARTITIONS = 256;

  public TaskSpec {
    if (partitions < 1 || partitions > MAX_PARTITIONS) {
      throw new IllegalArgumentException(
          "partitions " + partitions + " not in 1.." + MAX_PARTITIONS);
    }
    if (imagesPerShard < 1 || maxHeldOut < 1) {
      throw new IllegalArgumentException("shard and split sizes must be positive");
    }
    if (!(heldOutShare > 0 && heldOutShare <= 0.25)) {
      throw new IllegalArgumentException("heldOutShare " + heldOutShare + " not in (0, 0.25]");
    }
  }

  /** 2,000 images a shard, 6 % (at most 512 images) held out for each of the two splits. */
  public static TaskSpec of(int partitions, long seed) {
    return new TaskSpec(partitions, 2_000, 0.06, 512, seed);
  }
}
