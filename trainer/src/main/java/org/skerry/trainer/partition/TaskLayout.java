package org.skerry.trainer.partition;

import java.nio.file.Path;
import java.util.List;

/**
 * A task's files, as {@link TaskBuilder} wrote them.
 *
 * @param folder holds everything below
 * @param imageSize side in pixels
 * @param features how images were described for clustering
 * @param method how they were clustered
 * @param spec what was asked for
 * @param partitions in the order of their index
 */
public record TaskLayout(
    Path folder,
    int imageSize,
    String features,
    String method,
    TaskSpec spec,
    List<PartitionLayout> partitions) {
  public TaskLayout {
    partitions = List.copyOf(partitions);
  }

  /** Training images of all partitions. */
  public int trainingImages() {
    return partitions.stream().mapToInt(PartitionLayout::trainingImages).sum();
  }
}
