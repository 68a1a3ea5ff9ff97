package org.skerry.node.study;

import java.util.List;

/**
 * Configuration of {@link StudyJob}. Paths are absolute.
 *
 * @param ensemble the note that {@code skerry pull} wrote
 * @param blobs folder of the blob store that holds the weights
 * @param training tars of each partition
 * @param heldOut tars of each partition that no network was trained on
 * @param strategies to sample with; the first is the one that is judged
 * @param steps of the sampler
 * @param samples images of each strategy
 * @param columns images in a row of the grid
 * @param threads of libtorch
 * @param grid PNG to write
 */
public record StudyConfig(
    String ensemble,
    String blobs,
    List<List<String>> training,
    List<List<String>> heldOut,
    List<String> strategies,
    int steps,
    int samples,
    long seed,
    int columns,
    int threads,
    String grid) {
  public StudyConfig {
    training = training.stream().map(List::copyOf).toList();
    heldOut = heldOut.stream().map(List::copyOf).toList();
    strategies = List.copyOf(strategies);
    if (training.size() != heldOut.size() || strategies.isEmpty() || samples < 2 || columns < 1) {
      throw new IllegalArgumentException("the study's partitions, strategies or counts are off");
    }
  }
}
