package org.skerry.router;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.skerry.diffusion.SeededRandom;
import org.skerry.diffusion.VelocityField;
import org.skerry.diffusion.torch.Torch;

/**
 * Follows a velocity field from noise at t = 1 to data at t = 0.
 *
 * @param batch images at a time; changes nothing but speed and memory, up to rounding
 */
public record Sampler(Solver solver, Schedule schedule, int batch) {
  /** Hears how far sampling is. */
  @FunctionalInterface
  public interface Progress {
    /** Hears nothing. */
    Progress NONE = (done, total) -> {};

    /** Called after each evaluation; {@code total} never changes. */
    void evaluations(int done, int total);
  }

  /** The shift of {@link #usual}. */
  public static final double USUAL_SHIFT = 3;

  /** Images at a time where nothing speaks for another number. */
  public static final int USUAL_BATCH = 64;

  public Sampler {
    if (batch < 1) {
      throw new IllegalArgumentException("batch " + batch + " is less than 1");
    }
  }

  /**
   * What pictures came out best with for the same number of evaluations (docs/BENCHMARKS.md):
   * {@link Solver#DPM_2M}, with more steps near the noise.
   */
  public static Sampler usual(int steps) {
    return new Sampler(Solver.DPM_2M, new Schedule(steps, USUAL_SHIFT), USUAL_BATCH);
  }

  /** The first {@code count} images of a seed. */
  public Images sample(
      NDManager manager, VelocityField field, int channels, int size, long seed, int count) {
    return sample(manager, field, channels, size, seed, 0, count, Progress.NONE);
  }

  /**
   * Images {@code first} to {@code first + count - 1} of a seed. The noise of each is a function of
   * the seed and its index alone, so an image stays the same whichever others are made with it.
   *
   * @return as the field left them, not clamped
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
    float[] noise = noise(seed, first, count, channels * size * size);
    return follow(
        manager, field, new Images(count, channels, size, noise), schedule.times(), progress);
  }

  /**
   * Variations of images: noise is mixed in as if the path had got to an earlier time, and the rest
   * is followed again.
   *
   * @param first index of the first image's noise within the seed
   * @param strength in (0, 1]: 1 keeps nothing of the images
   * @return as the field left them, not clamped
   */
  public Images vary(
      NDManager manager,
      VelocityField field,
      Images images,
      double strength,
      long seed,
      int first,
      Progress progress) {
    double[] times = schedule.times(strength);
    float t = (float) times[0];
    int each = images.channels() * images.size() * images.size();
    float[] start = noise(seed, first, images.count(), each);
    for (int i = 0; i < start.length; i++) {
      start[i] = t * start[i] + (1 - t) * images.data()[i];
    }
    return follow(
        manager,
        field,
        new Images(images.count(), images.channels(), images.size(), start),
        times,
        progress);
  }

  private Images follow(
      NDManager manager, VelocityField field, Images start, double[] times, Progress progress) {
    int groups = Math.ceilDiv(start.count(), batch);
    int total = groups * solver.evaluations(times.length - 1);
    AtomicInteger evaluations = new AtomicInteger();
    VelocityField watched =
        (x, t) -> {
          NDArray velocity = field.at(x, t);
          progress.evaluations(evaluations.incrementAndGet(), total);
          return velocity;
        };
    float[] out = new float[start.data().length];
    int at = 0;
    for (int done = 0; done < start.count(); done += batch) {
      Images group = start.slice(done, Math.min(batch, start.count() - done));
      float[] made = Torch.withoutGradients(() -> follow(manager, watched, group, times));
      System.arraycopy(made, 0, out, at, made.length);
      at += made.length;
    }
    return new Images(start.count(), start.channels(), start.size(), out);
  }

  private float[] follow(NDManager parent, VelocityField field, Images start, double[] times) {
    try (NDManager manager = parent.newSubManager()) {
      NDArray x =
          manager.create(
              start.data(), new Shape(start.count(), start.channels(), start.size(), start.size()));
      Optional<Solver.Prediction> before = Optional.empty();
      for (int i = 0; i + 1 < times.length; i++) {
        // What a step leaves behind goes with its manager.
        try (NDManager scratch = manager.newSubManager()) {
          x.attach(scratch);
          before.ifPresent(prediction -> prediction.data().attach(scratch));
          Solver.Step step =
              solver.step(
                  (point, t) -> field.at(point, times(scratch, t, start.count())),
                  x,
                  times[i],
                  times[i + 1],
                  before);
          x = step.x();
          x.attach(manager);
          before = step.prediction();
          before.ifPresent(prediction -> prediction.data().attach(manager));
        }
      }
      return x.toFloatArray();
    }
  }

  private static NDArray times(NDManager manager, double t, int count) {
    float[] times = new float[count];
    Arrays.fill(times, (float) t);
    return manager.create(times);
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
}
