package org.skerry.trainer.worker.job;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.skerry.diffusion.optimizer.Optimizer;

/**
 * Configuration of {@link EvaluateJob}. Paths are absolute; names are the caller's choice and come
 * back in the result.
 *
 * @param network as {@link org.skerry.diffusion.NetworkConfig#toProperties} writes it
 * @param initialSeed of the fresh weights that candidates are compared with
 * @param optimizer that made the candidates' optimizer state
 * @param candidates weights to measure, by name
 * @param heldOut sets of images to measure on, by name
 * @param maxImages measured of one set
 * @param drawsSeed of times and noise
 * @param threads of libtorch
 */
public record EvaluateConfig(
    Map<String, String> network,
    long initialSeed,
    Optimizer.Rule optimizer,
    Map<String, Candidate> candidates,
    Map<String, HeldOutSet> heldOut,
    int maxImages,
    long drawsSeed,
    int threads) {
  /**
   * @param file safetensors
   * @param part what of it to measure
   */
  public record Candidate(String file, Part part) {}

  /** What a safetensors file of a checkpoint holds. */
  public enum Part {
    /** Weights under the network's names: a {@code weights.safetensors}. */
    WEIGHTS,
    /** Raw weights in a {@code resume.safetensors}, whose optimizer state is checked too. */
    RESUME
  }

  /**
   * @param partitions tars of each partition: one for an expert, all for a router
   * @param training tars that an expert's Gaussian denoiser is fitted on; empty to leave it out
   * @param texts encoded captions of {@code partitions}
   */
  public record HeldOutSet(List<List<String>> partitions, List<String> training, TextTables texts) {
    /** For a network that reads no texts. */
    public HeldOutSet(List<List<String>> partitions, List<String> training) {
      this(partitions, training, TextTables.NONE);
    }

    public HeldOutSet {
      partitions = partitions.stream().map(List::copyOf).toList();
      training = List.copyOf(training);
      if (partitions.isEmpty() || partitions.stream().anyMatch(List::isEmpty)) {
        throw new IllegalArgumentException("every held-out partition needs at least one tar");
      }
    }
  }

  public EvaluateConfig {
    network = Map.copyOf(network);
    candidates = Collections.unmodifiableMap(new LinkedHashMap<>(candidates));
    heldOut = Collections.unmodifiableMap(new LinkedHashMap<>(heldOut));
    if (heldOut.isEmpty() || threads < 1 || maxImages < 1) {
      throw new IllegalArgumentException("nothing to measure on, or no thread to do it");
    }
  }
}
