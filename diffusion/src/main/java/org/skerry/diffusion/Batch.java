package org.skerry.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.jspecify.annotations.Nullable;

/**
 * What one step of training or evaluation sees, its randomness included: the step is a pure
 * function of the parameters and this.
 *
 * @param images {@code [batch, channels, height, width]}, float32 in {@code [-1, 1]}
 * @param labels {@code [batch]} int64, a class or a partition; null when there is none
 * @param times {@code [batch]} float32 in {@code [0, 1]}, 0 = data
 * @param noise standard normal, as {@code images}
 * @param texts one a sample; null when there is none
 */
public record Batch(
    NDArray images, @Nullable NDArray labels, NDArray times, NDArray noise, @Nullable Texts texts) {
  /** A batch without texts. */
  public Batch(NDArray images, @Nullable NDArray labels, NDArray times, NDArray noise) {
    this(images, labels, times, noise, null);
  }

  public Batch {
    Shape shape = images.getShape();
    if (shape.dimension() != 4) {
      throw new IllegalArgumentException("images must be [batch, c, h, w], not " + shape);
    }
    if (!noise.getShape().equals(shape)) {
      throw new IllegalArgumentException("noise " + noise.getShape() + " is not as " + shape);
    }
    Shape rows = new Shape(shape.get(0));
    if (!times.getShape().equals(rows)) {
      throw new IllegalArgumentException("times " + times.getShape() + " are not " + rows);
    }
    if (labels != null && !labels.getShape().equals(rows)) {
      throw new IllegalArgumentException("labels " + labels.getShape() + " are not " + rows);
    }
    if (texts != null && texts.count() != shape.get(0)) {
      throw new IllegalArgumentException(texts.count() + " texts for " + shape.get(0) + " images");
    }
  }

  /**
   * Makes a batch in {@code step} from plain arrays, with times and then noise drawn from {@code
   * random}.
   *
   * @param images row-major {@code shape}
   * @param labels one per image, or null
   */
  public static Batch create(
      NDManager step,
      float[] images,
      Shape shape,
      long @Nullable [] labels,
      TimeSampling sampling,
      SeededRandom random) {
    int count = Math.toIntExact(shape.get(0));
    NDArray times = step.create(sampling.sample(count, random));
    NDArray noise = step.create(random.gaussians(images.length), shape);
    return new Batch(
        step.create(images, shape), labels == null ? null : step.create(labels), times, noise);
  }

  /** Samples {@code from} to {@code to}, exclusive, as views in {@code manager}. */
  public Batch slice(NDManager manager, long from, long to) {
    return new Batch(
        rows(images, manager, from, to),
        labels == null ? null : rows(labels, manager, from, to),
        rows(times, manager, from, to),
        rows(noise, manager, from, to),
        texts == null ? null : texts.slice(manager, from, to));
  }

  private static NDArray rows(NDArray array, NDManager manager, long from, long to) {
    NDArray view = array.get(new NDIndex("{}:{}", from, to));
    view.attach(manager);
    return view;
  }

  /** The texts. */
  Texts requiredTexts() {
    if (texts == null) {
      throw new IllegalArgumentException("this network needs texts, and the batch has none");
    }
    return texts;
  }

  /** The labels. */
  NDArray requiredLabels() {
    if (labels == null) {
      throw new IllegalArgumentException("this objective needs labels, and the batch has none");
    }
    if (labels.getDataType() != DataType.INT64) {
      throw new IllegalArgumentException("labels must be int64, not " + labels.getDataType());
    }
    return labels;
  }
}
