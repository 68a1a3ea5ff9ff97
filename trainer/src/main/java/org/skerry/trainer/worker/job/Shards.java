package org.skerry.trainer.worker.job;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.ReadLimits;
import org.skerry.trainer.dataset.WebDataset;

/** Reads a task's shards as jobs name them. */
final class Shards {
  private Shards() {}

  /** One set of images a partition. */
  static List<ImageSet> read(List<List<String>> partitions, int imageSize) throws IOException {
    List<ImageSet> sets = new ArrayList<>();
    for (List<String> tars : partitions) {
      sets.add(readOne(tars, imageSize));
    }
    return sets;
  }

  static ImageSet readOne(List<String> tars, int imageSize) throws IOException {
    List<Path> paths = tars.stream().map(Path::of).toList();
    return WebDataset.readShards(paths, imageSize, ReadLimits.DEFAULT).images();
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
