package org.skerry.bench.ddm;

import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.skerry.trainer.clustering.ClusteringMethod;
import org.skerry.trainer.clustering.TwoStageClustering;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.Datasets;
import org.skerry.trainer.dataset.ImageInfo;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.ReadLimits;
import org.skerry.trainer.features.FeatureTable;
import org.skerry.trainer.partition.Partitioning;
import org.skerry.trainer.partition.TaskSpec;

/**
 * The dataset as a task would cut it: the same for every run.
 *
 * @param training of each partition
 * @param heldOut of each partition, never trained on by anything
 * @param classes of the training images, partition by partition: their own, or else fine clusters
 */
@SuppressWarnings("ArrayRecordComponent") // read only, inside this package
record Partitions(List<ImageSet> training, List<ImageSet> heldOut, long[] classes) {
  private static final String BUILT_IN = "builtin";
  private static final int BUILT_IN_COUNT = 2_000;
  private static final long SEED = 1;

  /** Classes of images that have none. */
  private static final int CLUSTERS = 16;

  static Partitions of(Plan plan) throws IOException {
    ImageSet images =
        plan.data().toString().equals(BUILT_IN)
            ? BuiltInPictures.generate(BUILT_IN_COUNT, plan.size(), SEED)
            : Datasets.open(plan.data(), plan.size(), ReadLimits.DEFAULT).images();
    FeatureTable features = FeatureTable.builtIn(images);
    Partitioning cut =
        Partitioning.of(features, ClusteringMethod.K_MEANS, TaskSpec.of(plan.partitions(), SEED));
    int[] trained =
        cut.partitions().stream()
            .flatMap(members -> members.training().stream())
            .mapToInt(Integer::intValue)
            .toArray();
    return new Partitions(
        cut.partitions().stream().map(members -> select(images, members.training())).toList(),
        cut.partitions().stream()
            .map(members ->
                ImageSet.concat(
                    List.of(select(images, members.forPublic()), select(images, members.secret()))))
            .toList(),
        classes(images.select(trained), features.select(trained)));
  }

  private static ImageSet select(ImageSet images, List<Integer> chosen) {
    return images.select(chosen.stream().mapToInt(Integer::intValue).toArray());
  }

  private static long[] classes(ImageSet images, FeatureTable features) {
    List<Integer> known =
        images.infos().stream().map(ImageInfo::classId).filter(id -> id != null).toList();
    int[] labels =
        known.size() == images.count()
            ? known.stream().mapToInt(Integer::intValue).toArray()
            : TwoStageClustering.partition(features.vectors(), CLUSTERS, SEED);
    return IntStream.of(labels).asLongStream().toArray();
  }

  /** All training images, in the order of {@link #classes}. */
  ImageSet everything() {
    return ImageSet.concat(training);
  }

  /** The partition of every image of {@link #everything}. */
  long[] homes() {
    return IntStream.range(0, training.size())
        .flatMap(k -> IntStream.generate(() -> k).limit(training.get(k).count()))
        .asLongStream()
        .toArray();
  }

  /** About {@code count} held-out images, of each partition in its proportion. */
  List<ImageSet> heldOut(int count) {
    int all = heldOut.stream().mapToInt(ImageSet::count).sum();
    return heldOut.stream()
        .map(set -> spread(set, Math.max(1, Math.round((float) count * set.count() / all))))
        .toList();
  }

  /** At most {@code count} images, evenly over the whole set. */
  static ImageSet spread(ImageSet images, int count) {
    int kept = Math.min(count, images.count());
    return images.select(
        IntStream.range(0, kept).map(i -> (int) ((long) i * images.count() / kept)).toArray());
  }
}
