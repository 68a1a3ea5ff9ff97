package org.skerry.node.task;

import java.util.OptionalInt;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.trainer.clustering.ClusteringMethod;
import org.skerry.trainer.partition.TaskSpec;

/**
 * What a researcher wants of the partitions.
 *
 * @param experts how many; empty to let the data say
 * @param features {@value #BUILT_IN}, a file with a matrix, or {@value #DINO} and a file of weights
 * @param deduplicate whether of images that are copies only the first is kept
 */
public record PartitionWish(
    OptionalInt experts, String features, ClusteringMethod method, boolean deduplicate, long seed) {
  /** The features that need no file. */
  public static final String BUILT_IN = "builtin";

  /** Stands before the file of a DINOv2 model's weights. */
  public static final String DINO = "dinov2:";

  private static final String AUTO = "auto";

  /**
   * Reads a number of experts.
   *
   * @param text a number from 1 to {@value TaskSpec#MAX_PARTITIONS}, or {@code auto}
   */
  public static OptionalInt experts(String text) throws NodeException {
    if (text.equals(AUTO)) {
      return OptionalInt.empty();
    }
    if (!text.matches("\\d{1,6}") || Integer.parseInt(text) > TaskSpec.MAX_PARTITIONS) {
      throw new NodeException(
          Reason.USAGE,
          "--experts '" + text + "' is neither `auto` nor in 1.." + TaskSpec.MAX_PARTITIONS,
          "run `skerry task create --help`");
    }
    int experts = Integer.parseInt(text);
    if (experts < 1) {
      throw new NodeException(
          Reason.USAGE, "a task needs at least one expert", "run `skerry task create --help`");
    }
    return OptionalInt.of(experts);
  }

  /** Reads the name of a method: {@code k-means} or {@code k-medoids}. */
  public static ClusteringMethod method(String text) throws NodeException {
    return switch (text) {
      case "k-means" -> ClusteringMethod.K_MEANS;
      case "k-medoids" -> ClusteringMethod.K_MEDOIDS;
      default ->
          throw new NodeException(
              Reason.USAGE,
              "--clustering '" + text + "' is no method",
              "name k-means or k-medoids");
    };
  }
}
