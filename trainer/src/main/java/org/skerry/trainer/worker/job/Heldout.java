package org.skerry.trainer.worker.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.NetworkConfig;
import org.skerry.diffusion.Parameters;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.evaluation.Evaluation;
import org.skerry.trainer.evaluation.RouterAccuracy;
import org.skerry.trainer.text.SampleTexts;
import org.skerry.trainer.text.TextTable;
import org.skerry.trainer.training.Objectives;

/**
 * Held-out images of one or more partitions, in their order.
 *
 * @param sets one a partition
 * @param texts of all images; null where the network looks at none
 */
record Heldout(List<ImageSet> sets, @Nullable SampleTexts texts) {
  /** Reads at most {@code maxImages} images, shared out among the partitions. */
  static Heldout read(
      List<List<String>> partitions,
      NetworkConfig network,
      @Nullable TextTable texts,
      int maxImages)
      throws IOException {
    List<ImageSet> sets = new ArrayList<>();
    int each = Math.max(1, maxImages / Math.max(1, partitions.size()));
    for (ImageSet set : Shards.read(partitions, network)) {
      int count = Math.min(each, set.count());
      sets.add(set.select(IntStream.range(0, count).toArray()));
    }
    return new Heldout(
        List.copyOf(sets),
        texts == null || sets.isEmpty()
            ? null
            : SampleTexts.of(texts, captions(ImageSet.concat(sets))));
  }

  private static List<@Nullable String> captions(ImageSet images) {
    List<@Nullable String> out = new ArrayList<>();
    images.infos().forEach(info -> out.add(info.caption()));
    return out;
  }

  boolean isEmpty() {
    return sets.isEmpty();
  }

  ImageSet images() {
    return ImageSet.concat(sets);
  }

  long[] labels() {
    return Shards.partitionLabels(sets);
  }

  /** The loss that the network is trained for, on fixed draws. */
  double loss(Network network, Parameters parameters, long drawsSeed) {
    return Evaluation.loss(
        Objectives.of(network.config()),
        network,
        parameters,
        images(),
        labelsFor(network.config()),
        texts,
        drawsSeed);
  }

  /** What the network's objective compares with or is given: partitions, classes, or nothing. */
  private long @Nullable [] labelsFor(NetworkConfig network) {
    if (Objectives.isRouter(network)) {
      return labels();
    }
    if (network.labels() == 0) {
      return null;
    }
    return images().infos().stream()
        .map(info -> Stream.ofNullable(info.classId()).mapToInt(Integer::intValue).findFirst())
        .mapToLong(classId -> Shards.label(classId, network))
        .toArray();
  }

  /** How often a router sends a draw to the right partition. */
  RouterAccuracy accuracy(Network router, Parameters parameters, long drawsSeed) {
    return Evaluation.routerAccuracy(router, parameters, images(), labels(), drawsSeed);
  }

  /** The loss of a router that knows the partitions' sizes and nothing else, in nats. */
  double entropy() {
    double total = images().count();
    return sets.stream().mapToDouble(s -> s.count() / total).map(p -> -p * Math.log(p)).sum();
  }
}
