package org.skerry.trainer.partition;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.skerry.trainer.DurableFiles;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;
import org.skerry.trainer.clustering.ClusteringMethod;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.ShardWriter;
import org.skerry.trainer.features.FeatureTable;
import org.skerry.trainer.text.TextTable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Turns images into the files of a task: clusters them, splits each partition into training, public
 * and secret validation images, writes shards, indexes and contact sheets. The same images and spec
 * give the same bytes.
 */
public final class TaskBuilder {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final TaskSpec spec;

  public TaskBuilder(TaskSpec spec) {
    this.spec = spec;
  }

  /**
   * Writes a task of built-in features and {@link ClusteringMethod#K_MEANS} into {@code folder}.
   *
   * @throws TrainerException {@link Reason#TOO_FEW_IMAGES} when a partition would be too small
   */
  public TaskLayout build(ImageSet images, Path folder) throws IOException {
    Partitioning.requireEnough(images.count(), spec.partitions());
    FeatureTable features = FeatureTable.builtIn(images);
    return build(images, Partitioning.of(features, ClusteringMethod.K_MEANS, spec), folder);
  }

  /**
   * Writes a task into {@code folder}, which is created. When that fails, nothing of it is left.
   *
   * @param partitioning of {@code images} by the spec of this builder
   */
  public TaskLayout build(ImageSet images, Partitioning partitioning, Path folder)
      throws IOException {
    return build(images, Optional.empty(), Optional.empty(), partitioning, folder);
  }

  /**
   * As {@link #build(ImageSet, Partitioning, Path)}, with shards of {@code latents} where there are
   * some; contact sheets show the images all the same.
   *
   * @param texts of all captions, where something reads them
   */
  public TaskLayout build(
      ImageSet images,
      Optional<Latents> latents,
      Optional<TextTable> texts,
      Partitioning partitioning,
      Path folder)
      throws IOException {
    List<Partitioning.Members> partitions = partitioning.partitions();
    List<PartitionLayout> layouts = new ArrayList<>();
    List<Path> written = new ArrayList<>();
    try {
      Files.createDirectories(folder);
      for (int k = 0; k < partitions.size(); k++) {
        Path part = Files.createDirectory(folder.resolve("partition-%03d".formatted(k)));
        written.add(part);
        layouts.add(write(images, latents, texts, partitions.get(k), k, part));
      }
    } catch (IOException e) {
      for (Path part : written) {
        DurableFiles.deleteTree(part);
      }
      throw e;
    }
    return new TaskLayout(
        folder,
        images.size(),
        partitioning.features().name(),
        partitioning.method().text(),
        spec,
        layouts);
  }

  private PartitionLayout write(
      ImageSet images,
      Optional<Latents> latents,
      Optional<TextTable> texts,
      Partitioning.Members members,
      int index,
      Path folder)
      throws IOException {
    ImageSet seen = latents.map(Latents::plain).orElse(images);
    ImageSet forPublic = seen.select(indices(members.forPublic()));
    ImageSet secret = seen.select(indices(members.secret()));
    ImageSet shown = images.select(indices(members.training()));
    ImageSet training = latents.map(l -> l.training(indices(members.training()))).orElse(shown);

    List<Path> shards = new ShardWriter(spec.imagesPerShard()).write(training, folder, "train");
    Path publicTar = folder.resolve("validation-public.tar");
    Path secretTar = folder.resolve("validation-secret.tar");
    ShardWriter.writeSingle(forPublic, publicTar);
    ShardWriter.writeSingle(secret, secretTar);
    Map<Path, Path> tables = new LinkedHashMap<>();
    if (texts.isPresent()) {
      for (int i = 0; i < shards.size(); i++) {
        int from = i * spec.imagesPerShard();
        int to = Math.min(training.count(), from + spec.imagesPerShard());
        tables.put(shards.get(i), table(texts.get(), training, from, to, shards.get(i)));
      }
      tables.put(publicTar, table(texts.get(), forPublic, 0, forPublic.count(), publicTar));
      tables.put(secretTar, table(texts.get(), secret, 0, secret.count(), secretTar));
    }
    Path sheet = folder.resolve("contact-sheet.png");
    ContactSheet.write(shown, 8, 12, sheet);
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
        sheet,
        tables);
  }

  /** What is read of the captions in a tar, beside it. */
  private static Path table(TextTable texts, ImageSet images, int from, int to, Path tar)
      throws IOException {
    List<@Nullable String> captions = new ArrayList<>();
    images.infos().subList(from, to).forEach(info -> captions.add(info.caption()));
    Path file = tar.resolveSibling(tar.getFileName().toString().replace(".tar", ".safetensors"));
    texts.write(captions, file);
    return file;
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

  private static int[] indices(List<Integer> indices) {
    return indices.stream().mapToInt(Integer::intValue).toArray();
  }
}
