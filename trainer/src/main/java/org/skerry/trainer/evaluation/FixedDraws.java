package org.skerry.trainer.evaluation;

import org.skerry.diffusion.SeededRandom;

/**
 * The times and noise that a set of images is measured with: a pure function of the seed, so that
 * every evaluator and every network meets the same ones. Each image is drawn {@code repeats} times;
 * the times are the midpoints of equal slices of (0, 1), dealt at random.
 */
public final class FixedDraws {
  /** Draws below which a mean loss is mostly luck. */
  private static final int ENOUGH = 256;

  private static final long TIMES = 1;
  private static final long NOISE = 2;

  private final int images;
  private final int repeats;
  private final long seed;
  private final float[] times;

  private FixedDraws(int images, int repeats, long seed) {
    this.images = images;
    this.repeats = repeats;
    this.seed = seed;
    int count = Math.multiplyExact(images, repeats);
    times = new float[count];
    SeededRandom random = SeededRandom.of(seed, TIMES);
    for (int i = 0; i < count; i++) {
      int j = random.nextInt(i + 1);
      times[i] = times[j];
      times[j] = (i + 0.5f) / count;
    }
  }

  /** Draws for {@code images} images: each once, or as often as makes at least 256 draws. */
  public static FixedDraws of(int images, long seed) {
    if (images < 1) {
      throw new IllegalArgumentException("no image to draw for");
    }
    return new FixedDraws(images, (ENOUGH + images - 1) / images, seed);
  }

  /** Number of draws. */
  public int count() {
    return times.length;
  }

  public int repeats() {
    return repeats;
  }

  /** The image of a draw. */
  public int image(int draw) {
    return draw % images;
  }

  /** The time of a draw, in (0, 1). */
  public float time(int draw) {
    return times[draw];
  }

  /** The noise of a draw, {@code values} standard normal numbers. */
  public float[] noise(int draw, int values) {
    return SeededRandom.of(seed, NOISE, draw).gaussians(values);
  }
}
