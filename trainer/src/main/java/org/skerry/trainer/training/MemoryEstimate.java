package org.skerry.trainer.training;

import org.skerry.diffusion.NetworkConfig;
import org.skerry.diffusion.ParameterSpec;
import org.skerry.diffusion.optimizer.Optimizer;

/**
 * How much memory a worker needs to train a network in float32, by arithmetic alone: known before
 * anything is fetched or started. Held to real workers within a factor of 1.5 by its tests.
 *
 * <p>A step holds {@code base + weights + average + gradients + moments + checkpoint + images +
 * max(activations · micro-batch, optimizer)}.
 *
 * @param parameters numbers that the network holds
 * @param weightsBytes raw weights; the moving average is as large
 * @param gradientBytes of what is trained
 * @param momentBytes that the optimizer keeps
 * @param optimizerBytes that a step of the optimizer needs in passing
 * @param activationBytesPerImage from the forward pass until the gradient
 * @param recomputedBytesPerImage the same when blocks are computed again for their gradient
 * @param imageBytes of the images to train on, which a worker holds, and of the texts of those
 *     batches that are in the making
 */
public record MemoryEstimate(
    long parameters,
    long weightsBytes,
    long gradientBytes,
    long momentBytes,
    long optimizerBytes,
    long activationBytesPerImage,
    long recomputedBytesPerImage,
    long imageBytes) {
  /** The JVM, libtorch and its threads, before there is a network. */
  public static final long BASE_BYTES = 300L << 20;

  private static final double MARGIN = 1.25;
  private static final long FLOAT = Float.BYTES;

  /**
   * The estimate of a network.
   *
   * @param images to train on
   */
  public static MemoryEstimate of(NetworkConfig network, Optimizer.Rule rule, long images) {
    return of(network, rule, images, 0, 0);
  }

  /**
   * The estimate of a network that looks at texts.
   *
   * @param images to train on
   * @param textTokens of the longest text
   * @param batch texts that are brought to memory at once, one an image
   */
  public static MemoryEstimate of(
      NetworkConfig network, Optimizer.Rule rule, long images, int textTokens, int batch) {
    long all = 0;
    long trained = 0;
    long moments = 0;
    long largestMatrix = 0;
    for (ParameterSpec spec : network.parameters()) {
      all += spec.size();
      if (spec.trainable()) {
        trained += spec.size();
        boolean matrix = rule == Optimizer.Rule.MUON && spec.hidden();
        moments += (matrix ? 1 : 2) * spec.size();
        largestMatrix = Math.max(largestMatrix, matrix ? spec.size() : 0);
      }
    }
    Activations.Values values = Activations.of(network, textTokens);
    long pixels = (long) network.channels() * network.imageSize() * network.imageSize();
    return new MemoryEstimate(
        all,
        FLOAT * all,
        FLOAT * trained,
        FLOAT * moments,
        // What Muon's polynomials of one matrix hold at once.
        FLOAT * 5 * largestMatrix,
        FLOAT * (values.kept() + values.passing()),
        FLOAT * (values.recomputed() + values.passing()),
        // Latents are floats; so are the batches that are prepared ahead.
        images * pixels * (network.channels() == 3 ? 1 : FLOAT)
            + textBytes(FLOAT * batch * textTokens * network.textWidth()));
  }

  /** One batch is trained on, in two copies, and some are prepared ahead. */
  private static long textBytes(long eachBatch) {
    return 2 * eachBatch
        + Math.min(TrainingData.MAX_AHEAD_BYTES, TrainingData.USUAL_AHEAD * eachBatch);
  }

  /** The estimate when blocks are computed again for their gradient. */
  public MemoryEstimate recomputed() {
    return new MemoryEstimate(
        parameters,
        weightsBytes,
        gradientBytes,
        momentBytes,
        optimizerBytes,
        recomputedBytesPerImage,
        recomputedBytesPerImage,
        imageBytes);
  }

  /** Weights, their average, gradients and moments: what does not depend on the batch. */
  public long stateBytes() {
    return 2 * weightsBytes + gradientBytes + momentBytes;
  }

  /** The copy of weights, average and moments that is being written while training goes on. */
  public long checkpointBytes() {
    return weightsFileBytes() + resumeFileBytes();
  }

  /** About the size of a published weights file. */
  public long weightsFileBytes() {
    return weightsBytes;
  }

  /** About the size of a published resume file: raw weights and moments. */
  public long resumeFileBytes() {
    return weightsBytes + momentBytes;
  }

  /**
   * What a worker needs.
   *
   * @param microBatch images whose gradient is computed at once
   */
  public long bytes(int microBatch) {
    return BASE_BYTES
        + stateBytes()
        + checkpointBytes()
        + imageBytes
        + Math.max(optimizerBytes, activationBytesPerImage * microBatch);
  }

  /**
   * The largest part of {@code batch}, halved as often as it takes, that fits with a margin: real
   * workers took up to a fifth more than the estimate, and a JVM that gets no more memory for
   * itself ends.
   *
   * @return 0 when not even one image does
   */
  public int microBatch(int batch, long limitBytes) {
    int part = batch;
    while (part > 1 && MARGIN * bytes(part) > limitBytes) {
      part = (part + 1) / 2;
    }
    return MARGIN * bytes(part) <= limitBytes ? part : 0;
  }
}
