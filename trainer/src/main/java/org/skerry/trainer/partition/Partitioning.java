package org.skerry.trainer.partition;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;
import org.skerry.trainer.clustering.ClusteringMethod;
import org.skerry.trainer.features.FeatureTable;

/**
 * Which images belong together, and which of them are held out: a pure function of features and
 * spec.
 *
 * @param method of clustering
 * @param features that it saw
 * @param partitions where every image went, in the order of their index
 */
public record Partitioning(
    ClusteringMethod method, FeatureTable features, List<Members> partitions) {
  /** Fewest images a partition may have: less cannot be split and measured. */
  public static final int MIN_PARTITION = 24;

  private static final int MIN_HELD_OUT = 4;

  /**
   * The images of one partition, by their index in the dataset and in an order drawn from the seed.
   */
  public record Members(List<Integer> forPublic, List<Integer> secret, List<Integer> training) {
    public Members {
      forPublic = List.copyOf(forPublic);
      secret = List.copyOf(secret);
      training = List.copyOf(training);
    }

    /** All images. */
    public int count() {
      return forPublic.size() + secret.size() + training.size();
    }
  }

  public Partitioning {
    partitions = List.copyOf(partitions);
  }

  /**
   * Clusters and splits.
   *
   * @throws TrainerException {@link Reason#TOO_FEW_IMAGES} when a partition would be too small
   */
  public static Partitioning of(FeatureTable features, ClusteringMethod method, TaskSpec spec)
      throws TrainerException {
    int k = spec.partitions();
    requireEnough(features.count(), k);
    int[] assigned = method.partition(features.vectors(), k, spec.seed());
    SplittableRandom random = new SplittableRandom(spec.seed());
    List<Members> partitions = new ArrayList<>();
    for (int partition = 0; partition < k; partition++) {
      int wanted = partition;
      int[] members =
          IntStream.range(0, assigned.length).filter(i -> assigned[i] == wanted).toArray();
      if (members.length < MIN_PARTITION) {
        throw new TrainerException(
            Reason.TOO_FEW_IMAGES,
            "clustering left partition %d with %d images, fewer than %d; use fewer experts"
                .formatted(partition, members.length, MIN_PARTITION));
      }
      shuffle(members, random);
      partitions.add(split(members, spec));
    }
    return new Partitioning(method, features, partitions);
  }

  /** Refuses a dataset that cannot fill {@code k} partitions. */
  public static void requireEnough(int images, int k) throws TrainerException {
    if (images < (long) k * MIN_PARTITION) {
      throw new TrainerException(
          Reason.TOO_FEW_IMAGES,
          "%d images are too few for %d partitions of at least %d; use more images or fewer experts"
              .formatted(images, k, MIN_PARTITION));
    }
  }

  /** The partition of every image. */
  public int[] assigned() {
    int[] assigned = new int[features.count()];
    for (int k = 0; k < partitions.size(); k++) {
      Members members = partitions.get(k);
      for (List<Integer> part :
          List.of(members.forPublic(), members.secret(), members.training())) {
        for (int image : part) {
          assigned[image] = k;
        }
      }
    }
    return assigned;
  }

  /** 1 for every image that is held out, 0 for one that is trained on. */
  public int[] heldOut() {
    int[] heldOut = new int[features.count()];
    for (Members members : partitions) {
      members.forPublic().forEach(i -> heldOut[i] = 1);
      members.secret().forEach(i -> heldOut[i] = 1);
    }
    return heldOut;
  }

  private static Members split(int[] members, TaskSpec spec) {
    int heldOut =
        Math.clamp(
            Math.round(members.length * spec.heldOutShare()), MIN_HELD_OUT, spec.maxHeldOut());
    List<Integer> all = IntStream.of(members).boxed().toList();
    return new Members(
        all.subList(0, heldOut),
        all.subList(heldOut, 2 * heldOut),
        all.subList(2 * heldOut, all.size()));
  }

  private static void shuffle(int[] values, SplittableRandom random) {
    for (int i = values.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = values[i];
      values[i] = values[j];
      values[j] = swapped;
    }
  }
}
