package org.skerry.trainer.worker.job;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.NetworkConfig;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.IndexedShards;
import org.skerry.trainer.dataset.ReadLimits;
import org.skerry.trainer.dataset.SampleFormat;
import org.skerry.trainer.dataset.WebDataset;
import org.skerry.trainer.text.TextTable;

/** Reads a task's shards as jobs name them. */
final class Shards {
  private Shards() {}

  /** One set of samples a partition. */
  static List<ImageSet> read(List<List<String>> partitions, NetworkConfig network)
      throws IOException {
    List<ImageSet> sets = new ArrayList<>();
    for (List<String> tars : partitions) {
      sets.add(readOne(tars, network));
    }
    return sets;
  }

  static ImageSet readOne(List<String> tars, NetworkConfig network) throws IOException {
    List<Path> paths = tars.stream().map(Path::of).toList();
    return WebDataset.readShards(paths, formatOf(paths, network), ReadLimits.DEFAULT).images();
  }

  /**
   * Training shards of all partitions, one after the other. Whether they hold images or latents is
   * seen from the first; their shape must be the network's. Decoded samples take at most half of
   * the heap, and are decoded anew every epoch when that is too little.
   *
   * @param texts that captions are looked up in; null where the network looks at none
   */
  static IndexedShards open(
      List<List<String>> partitions, NetworkConfig network, @Nullable TextTable texts)
      throws IOException {
    List<Path> tars = partitions.stream().flatMap(List::stream).map(Path::of).toList();
    return IndexedShards.open(
        tars,
        formatOf(tars, network),
        ReadLimits.DEFAULT,
        Runtime.getRuntime().maxMemory() / 2,
        texts);
  }

  private static SampleFormat formatOf(List<Path> tars, NetworkConfig network) {
    return switch (WebDataset.kindOf(tars.getFirst())) {
      case PIXELS -> SampleFormat.pixels(network.imageSize());
      case LATENTS -> SampleFormat.latents(network.channels(), network.imageSize());
    };
  }

  /** The label of a sample; what has no class, or none of the network's, has the null label. */
  static long label(OptionalInt classId, NetworkConfig network) {
    return Math.min(classId.orElse(network.nullLabel()), network.nullLabel());
  }

  /** The number of its partition for every sample of the tars, which have {@code counts}. */
  static long[] partitionLabels(List<List<String>> partitions, List<Integer> counts) {
    long[] labels = new long[counts.stream().mapToInt(Integer::intValue).sum()];
    int at = 0;
    int tar = 0;
    for (int k = 0; k < partitions.size(); k++) {
      for (int i = 0; i < partitions.get(k).size(); i++) {
        int end = at + counts.get(tar++);
        Arrays.fill(labels, at, end, k);
        at = end;
      }
    }
    return labels;
  }

  /** The number of its partition for every image of {@code sets}, one set after the other. */
  static long[] partitionLabels(List<ImageSet> sets) {
    long[] labels = new long[sets.stream().mapToInt(ImageSet::count).sum()];
    int at = 0;
    for (int k = 0; k < sets.size(); k++) {
      for (int i = 0; i < sets.get(k).count(); i++) {
        labels[at++] = k;
      }
    }
    return labels;
  }
}
