package org.skerry.router;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.function.IntConsumer;
import org.skerry.diffusion.SeededRandom;
import org.skerry.diffusion.VelocityField;
import org.skerry.diffusion.torch.Torch;

/**
 * Follows a velocity field from noise at t = 1 to data at t = 0 in equal steps: {@code x ← x - v /
 * steps}.
 *
 * @param steps evaluations of the field
 * @param batch images at a time; changes nothing but speed and memory, up to rounding
 */
public record EulerSampler(int steps, int batch) {
  /** Hears how far sampling is. */
  @FunctionalInterface
  public interface Progress {
    /** Called after each evaluation; {@code total} never changes. */
    void evaluations(int done, int total);
  }

  public EulerSampler {
    if (steps < 1 || steps > 10_000) {
      throw new IllegalArgumentException("step count " + steps + " not in 1..10000");
    }
    if (batch < 1) {
      throw new IllegalArgumentException("batch " + batch + " is less than 1");
    }
  }

  /** {@link #sample(NDManager, VelocityField, int, int, long, int, int, Progress)} unwatched. */
  public Images sample(
      NDManager manager, VelocityField field, int channels, int size, long seed, int count) {
    return sample(manager, field, channels, size, seed, 0, count, (done, total) -> {});
  }

  /**
   * Images {@code first} to {@code first + count - 1} of a seed. The noise of each is a function of
   * the seed and its index alone, so an image stays the same whichever others are made with it.
   *
   * @return clamped to {@code [-1, 1]}
   */
  public Images sample(
      NDManager manager,
      VelocityField field,
      int channels,
      int size,
      long seed,
      int first,
      int count,
      Progress progress) {
    int each = channels * size * size;
    float[] out = new float[Math.multiplyExact(count, each)];
    int total = Math.ceilDiv(count, batch) * steps;
    for (int done = 0; done < count; done += batch) {
      int group = Math.min(batch, count - done);
      float[] noise = noise(seed, first + done, group, each);
      int before = done / batch * steps;
      float[] images =
          Torch.withoutGradients(() ->
              follow(
                  manager,
                  field,
                  noise,
                  new Shape(group, channels, size, size),
                  step -> progress.evaluations(before + step, total)));
      System.arraycopy(images, 0, out, done * each, images.length);
    }
    return new Images(count, channels, size, out);
  }

  /** The noise of {@code count} images from index {@code first} on, one after the other. */
  static float[] noise(long seed, int first, int count, int each) {
    float[] out = new float[count * each];
    for (int i = 0; i < count; i++) {
      float[] one = SeededRandom.of(seed, first + i).gaussians(each);
      System.arraycopy(one, 0, out, i * each, each);
    }
    return out;
  }

  private float[] follow(
      NDManager parent, VelocityField field, float[] noise, Shape shape, IntConsumer afterStep) {
    try (NDManager manager = parent.newSubManager()) {
      NDArray x = manager.create(noise, shape);
      float[] times = new float[(int) shape.get(0)];
      for (int step = 0; step < steps; step++) {
        try (NDManager scratch = manager.newSubManager()) {
          // What the field leaves behind goes with its input's manager.
          x.attach(scratch);
          Arrays.fill(times, 1 - (float) step / steps);
          NDArray velocity = field.at(x, scratch.create(times));
          x = x.sub(velocity.mul(1f / steps));
          x.attach(manager);
        }
        afterStep.accept(step + 1);
      }
      return x.clip(-1, 1).toFloatArray();
    }
  }
}
