package org.skerry.trainer.dataset;

import com.fasterxml.jackson.annotation.JsonIgnore;
import org.skerry.diffusion.SeededRandom;

/**
 * What is changed at random about a sample each time it is trained on. A pure function of the
 * sample and the generator that is handed in.
 *
 * @param flip mirrors left and right, half of the time
 * @param padding shifts by up to this many pixels in each direction; what comes in at an edge is
 *     mirrored there, so that no frame is learned
 * @param smallestCrop side of the smallest square that is cut out and enlarged to the whole, as a
 *     share of the side; the share is drawn evenly from here to 1; 1 for no cropping
 */
public record Augmentation(boolean flip, int padding, double smallestCrop) {
  /** Samples as they are. */
  public static final Augmentation NONE = new Augmentation(false, 0, 1);

  public Augmentation {
    if (padding < 0 || padding > ImageSet.MAX_SIZE) {
      throw new IllegalArgumentException("padding " + padding + " not in 0.." + ImageSet.MAX_SIZE);
    }
    if (!(smallestCrop > 0 && smallestCrop <= 1)) {
      throw new IllegalArgumentException("smallestCrop " + smallestCrop + " not in (0, 1]");
    }
  }

  @JsonIgnore
  public boolean isNone() {
    return equals(NONE);
  }

  /**
   * Refuses what would not be a sample any more.
   *
   * @throws IllegalArgumentException when latents are to be changed, or the padding is not smaller
   *     than the sample
   */
  public void requireFit(SampleFormat format) {
    if (!isNone() && format.kind() == SampleFormat.Kind.LATENTS) {
      throw new IllegalArgumentException(
          "latents cannot be augmented; augment the images before they are encoded");
    }
    if (padding >= format.size()) {
      throw new IllegalArgumentException(
          "padding %d is not below the size %d".formatted(padding, format.size()));
    }
  }

  /**
   * Writes a changed {@code source} to {@code target} from {@code offset} on, both {@code
   * [channels, size, size]}.
   *
   * @param random of this sample in this step
   */
  public void apply(
      float[] source, SampleFormat format, SeededRandom random, float[] target, int offset) {
    int size = format.size();
    // All draws are made whatever they are for, so that one option does not move another's.
    boolean mirrored = (random.nextLong() < 0) && flip;
    int down = random.nextInt(2 * padding + 1) - padding;
    int right = random.nextInt(2 * padding + 1) - padding;
    double share = smallestCrop + (1 - smallestCrop) * random.nextDouble();
    double side = share * size;
    double top = random.nextDouble() * (size - side);
    double left = random.nextDouble() * (size - side);
    Axis rows = Axis.of(size, down, false, top, share);
    Axis columns = Axis.of(size, right, mirrored, left, share);
    for (int channel = 0; channel < format.channels(); channel++) {
      int plane = channel * size * size;
      for (int y = 0; y < size; y++) {
        int low = plane + rows.low[y] * size;
        int high = plane + rows.high[y] * size;
        float toHigh = rows.share[y];
        int out = offset + plane + y * size;
        for (int x = 0; x < size; x++) {
          float upper = columns.between(source, low, x);
          target[out + x] =
              toHigh == 0 ? upper : upper + toHigh * (columns.between(source, high, x) - upper);
        }
      }
    }
  }

  /** Where each target row or column lies between two source ones: bilinear interpolation. */
  private record Axis(int[] low, int[] high, float[] share) {
    static Axis of(int size, int shift, boolean mirrored, double start, double scale) {
      int[] low = new int[size];
      int[] high = new int[size];
      float[] share = new float[size];
      for (int i = 0; i < size; i++) {
        int turned = mirrored ? size - 1 - i : i;
        double at = scale == 1 ? turned : start + (turned + 0.5) * scale - 0.5;
        double inside = Math.clamp(at, 0, size - 1);
        int floor = (int) inside;
        low[i] = reflect(floor + shift, size);
        high[i] = reflect(Math.min(size - 1, floor + 1) + shift, size);
        share[i] = (float) (inside - floor);
      }
      return new Axis(low, high, share);
    }

    float between(float[] source, int row, int x) {
      float left = source[row + low[x]];
      return share[x] == 0 ? left : left + share[x] * (source[row + high[x]] - left);
    }

    /** Mirrors at both edges without repeating the edge itself. */
    private static int reflect(int i, int size) {
      int inside = i < 0 ? -i : i;
      return inside < size ? inside : 2 * (size - 1) - inside;
    }
  }
}
