package org.skerry.trainer.dino;

/**
 * Resizes square planes as PyTorch's {@code interpolate(mode="bicubic", align_corners=False)} does:
 * Keys' cubic convolution with {@code a = -0.75} and clamped edges, or, with antialiasing, {@code a
 * = -0.5} with its support stretched when shrinking and weights that sum to one.
 */
final class BicubicResize {
  private static final double PLAIN = -0.75;
  private static final double ANTIALIASED = -0.5;

  private final int from;
  private final int[][] sources;
  private final float[][] weights;

  /**
   * @param ratio source pixels a target pixel; {@code from / to} unless the caller's convention
   *     differs
   */
  BicubicResize(int from, int to, double ratio, boolean antialias) {
    this.from = from;
    sources = new int[to][];
    weights = new float[to][];
    for (int i = 0; i < to; i++) {
      if (antialias) {
        stretched(i, ratio);
      } else {
        plain(i, ratio);
      }
    }
  }

  /** {@code [from, from]} to {@code [to, to]}. */
  float[] resize(float[] plane) {
    return alongRowsAndTransposed(alongRowsAndTransposed(plane, from), sources.length);
  }

  private float[] alongRowsAndTransposed(float[] plane, int rows) {
    int to = sources.length;
    float[] out = new float[to * rows];
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < to; i++) {
        float sum = 0;
        for (int tap = 0; tap < weights[i].length; tap++) {
          sum += weights[i][tap] * plane[row * from + sources[i][tap]];
        }
        out[i * rows + row] = sum;
      }
    }
    return out;
  }

  private void plain(int i, double ratio) {
    double place = (i + 0.5) * ratio - 0.5;
    int first = (int) Math.floor(place);
    sources[i] = new int[4];
    weights[i] = new float[4];
    for (int tap = 0; tap < 4; tap++) {
      sources[i][tap] = Math.clamp(first - 1 + tap, 0, from - 1);
      weights[i][tap] = (float) cubic(place - (first - 1 + tap), PLAIN);
    }
  }

  private void stretched(int i, double ratio) {
    double scale = Math.max(ratio, 1);
    double centre = (i + 0.5) * ratio;
    int first = Math.max((int) (centre - 2 * scale + 0.5), 0);
    int end = Math.min((int) (centre + 2 * scale + 0.5), from);
    sources[i] = new int[end - first];
    weights[i] = new float[end - first];
    double sum = 0;
    for (int tap = 0; tap < end - first; tap++) {
      sources[i][tap] = first + tap;
      weights[i][tap] = (float) cubic((first + tap - centre + 0.5) / scale, ANTIALIASED);
      sum += weights[i][tap];
    }
    for (int tap = 0; tap < end - first; tap++) {
      weights[i][tap] /= (float) sum;
    }
  }

  private static double cubic(double x, double a) {
    double d = Math.abs(x);
    if (d <= 1) {
      return ((a + 2) * d - (a + 3)) * d * d + 1;
    }
    return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
  }
}
