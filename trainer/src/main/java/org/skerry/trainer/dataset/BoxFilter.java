package org.skerry.trainer.dataset;

/**
 * Resizes a square plane by area: every target pixel is the mean of the source area it covers, with
 * partly covered pixels weighted by their share. Halving is the mean of 2×2; enlarging by a whole
 * factor repeats pixels.
 */
public final class BoxFilter {
  private BoxFilter() {}

  /**
   * @param plane {@code [from, from]}, row by row
   * @return {@code [to, to]}
   */
  public static float[] resize(float[] plane, int from, int to) {
    if (plane.length != from * from) {
      throw new IllegalArgumentException(plane.length + " values are no square of " + from);
    }
    if (from == to) {
      return plane.clone();
    }
    return shrinkAndTranspose(shrinkAndTranspose(plane, from, from, to), to, from, to);
  }

  /** {@code [rows, from]} to {@code [to, rows]}: doing it twice restores the orientation. */
  private static float[] shrinkAndTranspose(float[] plane, int rows, int from, int to) {
    float[] result = new float[to * rows];
    double scale = (double) from / to;
    for (int i = 0; i < to; i++) {
      double start = i * scale;
      double end = Math.min(from, start + scale);
      int first = (int) start;
      int last = Math.min(from - 1, (int) Math.ceil(end) - 1);
      for (int row = 0; row < rows; row++) {
        double sum = 0;
        for (int j = first; j <= last; j++) {
          double share = Math.min(end, j + 1) - Math.max(start, j);
          sum += share * plane[row * from + j];
        }
        result[i * rows + row] = (float) (sum / (end - start));
      }
    }
    return result;
  }
}
