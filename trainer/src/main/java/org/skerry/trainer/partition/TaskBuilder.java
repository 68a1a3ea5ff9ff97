package org.skerry.trainer.partition;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.skerry.trainer.DurableFiles;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;
import org.skerry.trainer.clustering.TwoStageClustering;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.ShardWriter;
import org.skerry.trainer.features.BuiltInFeatures;
import org.skerry.trainer.features.FeatureSpace;
import tools.jackson.databind.json.JsonMapper;

/**
 * Turns images into the files of a task: clusters them, splits each partition into training, public
 * and secret validation images, writes shards, indexes and contact sheets. The same images and spec
 * give the same bytes.
 */
public final class TaskBuilder {
  /** Fewest images a partition may have: less cannot be split and measured. */
  public static final int MIN_PARTITION = 24;

  private static final int MIN_HELD_OUT = 4;
  private static final JsonMapper JSON = JsonMapper.shared();

  private final TaskSpec spec;

  public TaskBuilder(TaskSpec spec) {
    this.spec = spec;
  }

  /**
   * Writes a task into {@code folder}, which is created. When that fails, nothing of it is left.
   *
   * @throws TrainerException {@link Reason#TOO_FEW_IMAGES} when a partition would be too small
   */
  public TaskLayout build(ImageSet images, Path folder) throws IOException {
    List<int[]> partitions = cluster(images);
    List<PartitionLayout> layouts = new ArrayList<>();
    List<Path> written = new ArrayList<>();
    try {
      Files.createDirectories(folder);
      for (int k = 0; k < partitions.size(); k++) {
        Path part = Files.createDirectory(folder.resolve("partition-%03d".formatted(k)));
        written.add(part);
        layouts.add(write(images, partitions.get(k), k, part));
      }
    } catch (IOException e) {
      for (Path part : written) {
        DurableFiles.deleteTree(part);
      }
      throw e;
    }
    return new TaskLayout(folder, images.size(), BuiltInFeatures.NAME, spec, layouts);
  }

  /** The indices of every partition's images, in an order drawn from the seed. */
  private List<int[]> cluster(ImageSet images) throws TrainerException {
    int k = spec.partitions();
    if (images.count() < (long) k * MIN_PARTITION) {
      throw new TrainerException(
          Reason.TOO_FEW_IMAGES,
          "%d images are too few for %d partitions of at least %d; use more images or fewer experts"
              .formatted(images.count(), k, MIN_PARTITION));
    }
    float[][] vectors = FeatureSpace.fit(images).directions(images);
    int[] assigned = TwoStageClustering.partition(vectors, k, spec.seed());
    SplittableRandom random = new SplittableRandom(spec.seed());
    List<int[]> partitions = new ArrayList<>();
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
      partitions.add(members);
    }
    return partitions;
  }

  private PartitionLayout write(ImageSet images, int[] members, int index, Path folder)
      throws IOException {
    int heldOut =
        Math.clamp(
            Math.round(members.length * spec.heldOutShare()), MIN_HELD_OUT, spec.maxHeldOut());
    ImageSet forPublic = images.select(Arrays.copyOfRange(members, 0, heldOut));
    ImageSet secret = images.select(Arrays.copyOfRange(members, heldOut, 2 * heldOut));
    ImageSet training = images.select(Arrays.copyOfRange(members, 2 * heldOut, members.length));

    List<Path> shards = new ShardWriter(spec.imagesPerShard()).write(training, folder, "train");
    Path publicTar = folder.resolve("validation-public.tar");
    Path secretTar = folder.resolve("validation-secret.tar");
    ShardWriter.writeSingle(forPublic, publicTar);
    ShardWriter.writeSingle(secret, secretTar);
    Path sheet = folder.resolve("contact-sheet.png");
    ContactSheet.write(training, 8, 12, sheet);
    Path indexFile = folder.resolve("index.json");
    writeIndex(index, training.count(), shards, indexFile);
    return new PartitionLayout(
        index,
        training.count(),
        forPublic.count(),
        secret.count(),
        shards,
        indexFile,
        publicTar,
        secretTar,
        sheet);
  }

  private void writeIndex(int index, int count, List<Path> shards, Path file) throws IOException {
    List<Map<String, Object>> entries = new ArrayList<>();
    int left = count;
    for (Path shard : shards) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("file", shard.getFileName().toString());
      entry.put("images", Math.min(left, spec.imagesPerShard()));
      entry.put("bytes", Files.size(shard));
      entries.add(entry);
      left -= spec.imagesPerShard();
    }
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("partition", index);
    document.put("images", count);
    document.put("shards", entries);
    Files.write(file, JSON.writeValueAsBytes(document));
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
