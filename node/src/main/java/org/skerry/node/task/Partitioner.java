package org.skerry.node.task;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.clustering.PartitionCount;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.duplicate.DuplicateSearch;
import org.skerry.trainer.duplicate.Duplicates;
import org.skerry.trainer.features.FeatureFile;
import org.skerry.trainer.features.FeatureTable;
import org.skerry.trainer.partition.PartitionReport;
import org.skerry.trainer.partition.Partitioning;
import org.skerry.trainer.partition.TaskSpec;

/** From images to partitions, and what a researcher should know of them, said as it is found. */
public final class Partitioner {
  /** Fewest images of a group that the data may ask for by themselves. */
  private static final int MIN_GROUP = 100;

  private final PartitionWish wish;
  private final VisionModel model;
  private final Consumer<String> listener;
  private final List<String> notes = new ArrayList<>();

  /** Runs a DINOv2 model, which takes libtorch and so another process. */
  @FunctionalInterface
  public interface VisionModel {
    /**
     * @param weights safetensors of the model
     */
    FeatureTable features(Path weights, ImageSet images) throws IOException, InterruptedException;
  }

  /**
   * What came out.
   *
   * @param images that stayed, which {@code partitioning} speaks of
   * @param notes for people, about copies and the number of partitions
   * @param copies one line a group of copies, with the keys of its images
   */
  public record Result(
      ImageSet images,
      TaskSpec spec,
      Partitioning partitioning,
      PartitionReport report,
      List<String> notes,
      List<String> copies) {
    public Result {
      notes = List.copyOf(notes);
      copies = List.copyOf(copies);
    }

    /** This, with one more finding. */
    public Result withNotes(List<String> more) {
      List<String> all = new ArrayList<>(notes);
      all.addAll(more);
      return new Result(images, spec, partitioning, report, all, copies);
    }
  }

  /**
   * @param listener told of every finding when it is there
   */
  public Partitioner(PartitionWish wish, VisionModel model, Consumer<String> listener) {
    this.wish = wish;
    this.model = model;
    this.listener = listener;
  }

  public Result run(ImageSet all) throws NodeException, InterruptedException {
    try {
      Partitioning.requireEnough(all.count(), wish.experts().orElse(1));
      return partition(all);
    } catch (TrainerException e) {
      throw TaskMaker.refusal(e);
    } catch (IOException e) {
      throw new NodeException(
          Reason.FAILED, "the images cannot be partitioned: " + e.getMessage(), "try again", e);
    }
  }

  private Result partition(ImageSet all) throws IOException, InterruptedException {
    Duplicates duplicates = DuplicateSearch.find(all);
    boolean drop = wish.deduplicate() && !duplicates.groups().isEmpty();
    int[] kept = duplicates.originals();
    ImageSet images = drop ? all.select(kept) : all;
    FeatureTable features = features(all, images, kept, drop);
    int k = wish.experts().isPresent() ? wish.experts().getAsInt() : choose(features);
    TaskSpec spec = TaskSpec.of(k, wish.seed());
    Partitioning partitioning = Partitioning.of(features, wish.method(), spec);
    note(copiesText(duplicates, partitioning, drop));
    PartitionReport report = PartitionReport.of(images, partitioning);
    report.lines().forEach(listener);
    return new Result(images, spec, partitioning, report, notes, keys(all, duplicates));
  }

  private FeatureTable features(ImageSet all, ImageSet images, int[] kept, boolean drop)
      throws IOException, InterruptedException {
    String features = wish.features();
    if (features.equals(PartitionWish.BUILT_IN)) {
      return FeatureTable.builtIn(images);
    }
    if (features.startsWith(PartitionWish.DINO)) {
      return model.features(
          Path.of(features.substring(PartitionWish.DINO.length())).toAbsolutePath(), images);
    }
    FeatureTable table = FeatureFile.read(Path.of(features), all.count());
    return drop ? table.select(kept) : table;
  }

  private int choose(FeatureTable features) {
    PartitionCount count = PartitionCount.choose(features.vectors(), MIN_GROUP);
    count.reason().forEach(this::note);
    return count.k();
  }

  private void note(String line) {
    notes.add(line);
    listener.accept(line);
  }

  private static String copiesText(
      Duplicates duplicates, Partitioning partitioning, boolean dropped) {
    if (duplicates.groups().isEmpty()) {
      return "Copies: none.";
    }
    String found =
        "Copies: %d exact and %d near ones, in %d groups"
            .formatted(
                duplicates.exactCopies(), duplicates.nearCopies(), duplicates.groups().size());
    if (dropped) {
      return found + "; the first of each is kept.";
    }
    return found
        + "; %d groups reach across partitions and %d across training and validation"
            .formatted(
                duplicates.groupsAcross(partitioning.assigned()),
                duplicates.groupsAcross(partitioning.heldOut()))
        + ": --deduplicate keeps the first of each.";
  }

  private static List<String> keys(ImageSet images, Duplicates duplicates) {
    return duplicates.groups().stream()
        .map(group ->
            group.members().stream()
                .map(i -> images.info(i).key())
                .collect(Collectors.joining(" ")))
        .toList();
  }
}
