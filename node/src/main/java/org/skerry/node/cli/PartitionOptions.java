package org.skerry.node.cli;

import org.skerry.node.NodeException;
import org.skerry.node.task.PartitionWish;
import picocli.CommandLine.Option;

/** How images become partitions. */
final class PartitionOptions {
  @Option(
      names = "--experts",
      paramLabel = "K|auto",
      description =
          """
          partitions; `auto` takes the most groups that two halves of the images agree on and \
          Gaussian mixtures need (default: 4)\
          """)
  String experts = "4";

  @Option(
      names = "--clustering",
      paramLabel = "METHOD",
      description = "k-means, balanced, or k-medoids (default: k-means)")
  String clustering = "k-means";

  @Option(
      names = "--features",
      paramLabel = "PATH",
      description =
          """
          what to cluster by: `builtin`, a .npy or .safetensors with one row an image, or \
          dinov2:FILE with the weights of a DINOv2 model (default: builtin)\
          """)
  String features = PartitionWish.BUILT_IN;

  @Option(
      names = "--deduplicate",
      description =
          """
          keep one of each group of images that are copies: equal pixels, or pixels that differ by \
          at most a tenth of the contrast\
          """)
  boolean deduplicate;

  PartitionWish wish(long seed) throws NodeException {
    return new PartitionWish(
        PartitionWish.experts(experts),
        features,
        PartitionWish.method(clustering),
        deduplicate,
        seed);
  }
}
