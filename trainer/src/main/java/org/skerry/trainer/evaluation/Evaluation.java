package org.skerry.trainer.evaluation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.Batch;
import org.skerry.diffusion.FlowObjective;
import org.skerry.diffusion.FlowPath;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.Objective;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.torch.Torch;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.metrics.GaussianDenoiser;
import org.skerry.trainer.text.HostTexts;
import org.skerry.trainer.text.SampleTexts;

/**
 * Losses on {@link FixedDraws}: comparable between networks, and reproducible by anybody up to the
 * rounding of their machine. Runs on the caller's platform thread.
 */
public final class Evaluation {
  private static final int BATCH = 64;

  private Evaluation() {}

  /** The flow-matching loss: mean over draws and values of {@code (v - (ε - x0))²}. */
  public static double flowLoss(
      Network network, Parameters parameters, ImageSet images, long drawsSeed) {
    return loss(new FlowObjective(), network, parameters, images, null, drawsSeed);
  }

  /** Any objective's loss; {@code labels} one an image, when the objective wants them. */
  public static double loss(
      Objective objective,
      Network network,
      Parameters parameters,
      ImageSet images,
      long @Nullable [] labels,
      long drawsSeed) {
    return loss(objective, network, parameters, images, labels, null, drawsSeed);
  }

  /** As above; {@code texts} one an image, when the network looks at them. */
  public static double loss(
      Objective objective,
      Network network,
      Parameters parameters,
      ImageSet images,
      long @Nullable [] labels,
      @Nullable SampleTexts texts,
      long drawsSeed) {
    FixedDraws draws = FixedDraws.of(images.count(), drawsSeed);
    double sum = 0;
    for (int from = 0; from < draws.count(); from += BATCH) {
      int to = Math.min(draws.count(), from + BATCH);
      try (NDManager scratch = parameters.manager().newSubManager()) {
        Batch batch = batch(scratch, images, labels, texts, draws, from, to);
        NDArray losses =
            Torch.withoutGradients(() -> objective.losses(scratch, network, parameters, batch));
        for (float loss : losses.toFloatArray()) {
          sum += loss;
        }
      }
    }
    return sum / draws.count();
  }

  /** Whether a router names first the partition that each image is of; {@code labels} one each. */
  public static RouterAccuracy routerAccuracy(
      Network router, Parameters parameters, ImageSet images, long[] labels, long drawsSeed) {
    FixedDraws draws = FixedDraws.of(images.count(), drawsSeed);
    boolean[] right = new boolean[draws.count()];
    for (int from = 0; from < draws.count(); from += BATCH) {
      int to = Math.min(draws.count(), from + BATCH);
      try (NDManager scratch = parameters.manager().newSubManager()) {
        Batch batch = batch(scratch, images, null, null, draws, from, to);
        NDArray logits =
            Torch.withoutGradients(() -> {
              NDArray xT = FlowPath.at(batch.images(), batch.noise(), batch.times());
              return router.forward(parameters, xT, batch.times(), null);
            });
        int classes = Math.toIntExact(logits.getShape().get(1));
        float[] values = logits.toFloatArray();
        for (int i = from; i < to; i++) {
          right[i] = argMax(values, (i - from) * classes, classes) == labels[draws.image(i)];
        }
      }
    }
    return RouterAccuracy.of(draws, right, labels);
  }

  /** What the analytic Gaussian denoiser reaches on the same draws as {@link #flowLoss}. */
  public static double gaussianLoss(GaussianDenoiser denoiser, ImageSet images, long drawsSeed) {
    FixedDraws draws = FixedDraws.of(images.count(), drawsSeed);
    double sum = 0;
    for (int i = 0; i < draws.count(); i++) {
      float[] x0 = images.toFloats(draws.image(i));
      float[] noise = draws.noise(i, x0.length);
      sum += denoiser.loss(x0, noise, new float[] {draws.time(i)});
    }
    return sum / draws.count();
  }

  private static Batch batch(
      NDManager scratch,
      ImageSet images,
      long @Nullable [] labels,
      @Nullable SampleTexts texts,
      FixedDraws draws,
      int from,
      int to) {
    int count = to - from;
    int values = images.valuesPerImage();
    int[] chosen = IntStream.range(from, to).map(draws::image).toArray();
    float[] noise = new float[count * values];
    float[] times = new float[count];
    for (int i = 0; i < count; i++) {
      System.arraycopy(draws.noise(from + i, values), 0, noise, i * values, values);
      times[i] = draws.time(from + i);
    }
    Shape shape = new Shape(count, images.format().channels(), images.size(), images.size());
    NDArray labelArray =
        labels == null
            ? null
            : scratch.create(IntStream.of(chosen).mapToLong(i -> labels[i]).toArray());
    return new Batch(
        scratch.create(images.toFloats(chosen), shape),
        labelArray,
        scratch.create(times),
        scratch.create(noise, shape),
        texts == null ? null : at(texts, chosen).on(scratch));
  }

  private static HostTexts at(SampleTexts texts, int[] chosen) {
    try {
      return texts.at(chosen);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int argMax(float[] values, int offset, int count) {
    int best = 0;
    for (int i = 1; i < count; i++) {
      if (values[offset + i] > values[offset + best]) {
        best = i;
      }
    }
    return best;
  }
}
