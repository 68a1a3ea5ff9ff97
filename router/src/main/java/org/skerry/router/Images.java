package org.skerry.router;

/**
 * Images in plain memory.
 *
 * @param data {@code [count, channels, size, size]}, row-major, nominally in {@code [-1, 1]}; not
 *     copied
 */
public record Images(int count, int channels, int size, float[] data) {
  public Images {
    if (data.length != (long) count * channels * size * size) {
      throw new IllegalArgumentException(
          "%d images of %d x %d x %d take not %d numbers"
              .formatted(count, channels, size, size, data.length));
    }
  }

  /** The images from {@code first}, {@code number} of them. */
  public Images slice(int first, int number) {
    int each = channels * size * size;
    float[] part = new float[number * each];
    System.arraycopy(data, first * each, part, 0, part.length);
    return new Images(number, channels, size, part);
  }

  /** These images with every value in {@code [-1, 1]}, as pixels are. */
  public Images clamped() {
    float[] inside = data.clone();
    for (int i = 0; i < inside.length; i++) {
      inside[i] = Math.clamp(inside[i], -1, 1);
    }
    return new Images(count, channels, size, inside);
  }

  /** The value at a place of an image. */
  public float at(int image, int channel, int row, int column) {
    return data[((image * channels + channel) * size + row) * size + column];
  }
}
