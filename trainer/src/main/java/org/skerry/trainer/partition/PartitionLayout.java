package org.skerry.trainer.partition;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The files of one partition.
 *
 * @param index number of the partition, from 0
 * @param trainingImages images in {@code shards}
 * @param publicImages images in {@code publicValidation}
 * @param secretImages images in {@code secretValidation}
 * @param shards training images as WebDataset tars
 * @param indexFile JSON naming the shards with their images and bytes
 * @param publicValidation held-out images that everybody may measure on
 * @param secretValidation held-out images that evaluators keep until the task ends
 * @param contactSheet PNG to look at
 * @param texts tables of the encoded captions, by the tar that has the captions; empty where
 *     nothing reads them
 */
public record PartitionLayout(
    int index,
    int trainingImages,
    int publicImages,
    int secretImages,
    List<Path> shards,
    Path indexFile,
    Path publicValidation,
    Path secretValidation,
    Path contactSheet,
    Map<Path, Path> texts) {
  public PartitionLayout {
    shards = List.copyOf(shards);
    texts = Map.copyOf(texts);
  }
}
