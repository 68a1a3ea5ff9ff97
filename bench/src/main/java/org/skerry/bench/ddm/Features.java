package org.skerry.bench.ddm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.skerry.diffusion.Batch;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.Objective;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.UNetClassifierConfig;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.torch.Kernels;
import org.skerry.diffusion.torch.Torch;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.features.Moments;
import org.skerry.trainer.metrics.FrechetDistance;
import org.skerry.trainer.training.TrainingRecipe;

/**
 * What a small classifier of clean images sees: the pooled channels before its head. Distances on
 * them compare within one experiment only; they are not FID, whose features are Inception's.
 */
final class Features {
  private static final int WIDTH = 32;
  private static final int LEVELS = 3;
  private static final int BATCH = 64;

  /** Passes over the training images. */
  private static final int EPOCHS = 4;

  private final Network network;
  private final Parameters parameters;
  private final double accuracy;

  private Features(Network network, Parameters parameters, double accuracy) {
    this.network = network;
    this.parameters = parameters;
    this.accuracy = accuracy;
  }

  /** Trains the classifier, or reads it. */
  static Features train(Trainer trainer, Plan plan, Partitions data, NDManager manager)
      throws IOException, InterruptedException {
    ImageSet images = data.everything();
    int classes = 1 + (int) LongStream.of(data.classes()).max().orElseThrow();
    long steps = Math.max(1, (long) EPOCHS * images.count() / BATCH);
    Parameters trained =
        trainer.train(
            "classifier",
            config(plan.size(), classes),
            new CleanImages(),
            images,
            data.classes(),
            TrainingRecipe.shortRun(steps, BATCH, 1),
            manager);
    ImageSet some = Partitions.spread(images, 1_000);
    long[] labels =
        IntStream.range(0, some.count())
            .mapToLong(i -> data.classes()[(int) ((long) i * images.count() / some.count())])
            .toArray();
    double accuracy = accuracy(new Features(trained.network(), trained, 0).of(some), labels);
    Network headless = Network.of(config(plan.size(), channels()));
    return new Features(
        headless, Parameters.from(headless, withoutHead(trained), manager), accuracy);
  }

  private static UNetClassifierConfig config(int size, int classes) {
    return new UNetClassifierConfig(3, size, WIDTH, LEVELS, 4 * WIDTH, 8, classes);
  }

  private static int channels() {
    return WIDTH << (LEVELS - 1);
  }

  /** With the identity for its head, the classifier's logits are the pooled channels. */
  private static Map<String, HostTensor> withoutHead(Parameters trained) {
    int channels = channels();
    float[] identity = new float[channels * channels];
    for (int i = 0; i < channels; i++) {
      identity[i * channels + i] = 1;
    }
    Map<String, HostTensor> tensors = new LinkedHashMap<>(trained.snapshot());
    tensors.put("head.weight", HostTensor.of(identity, channels, channels));
    tensors.put("head.bias", HostTensor.of(new float[channels], channels));
    return tensors;
  }

  private static double accuracy(float[][] logits, long[] labels) {
    long right =
        IntStream.range(0, labels.length)
            .filter(i -> Measures.argMax(logits[i]) == labels[i])
            .count();
    return (double) right / labels.length;
  }

  /** The share of training images whose class the classifier names. */
  double accuracy() {
    return accuracy;
  }

  /** The Fréchet distance between two sets of images. */
  double distance(ImageSet a, ImageSet b) {
    return FrechetDistance.between(Moments.of(of(a)), Moments.of(of(b)));
  }

  private float[][] of(ImageSet images) {
    float[][] rows = new float[images.count()][];
    for (int from = 0; from < rows.length; from += BATCH) {
      int[] chosen = IntStream.range(from, Math.min(rows.length, from + BATCH)).toArray();
      float[] flat;
      try (NDManager scratch = parameters.manager().newSubManager()) {
        Shape shape = new Shape(chosen.length, 3, images.size(), images.size());
        NDArray x = scratch.create(images.toFloats(chosen), shape);
        NDArray t = scratch.zeros(new Shape(chosen.length));
        flat = Torch.withoutGradients(() -> network.forward(parameters, x, t, null)).toFloatArray();
      }
      int width = flat.length / chosen.length;
      for (int i = 0; i < chosen.length; i++) {
        rows[from + i] = Arrays.copyOfRange(flat, i * width, (i + 1) * width);
      }
    }
    return rows;
  }

  /** Cross-entropy of the class of an image as it is. */
  private record CleanImages() implements Objective {
    @Override
    public NDArray losses(NDManager step, Network network, Parameters parameters, Batch batch) {
      NDArray none = batch.times().zerosLike();
      NDArray labels = Objects.requireNonNull(batch.labels(), "classes");
      return Kernels.crossEntropies(
          network.forward(parameters, batch.images(), none, null), labels);
    }
  }
}
