package org.skerry.trainer.features;

import java.util.stream.IntStream;
import org.skerry.trainer.dataset.BoxFilter;
import org.skerry.trainer.dataset.ImageSet;

/**
 * Features that need no weights: on the image at 32 × 32 pixels and in [-1, 1], the average colour
 * of 8 × 8 cells, and twice the mean absolute horizontal and vertical differences of the grey image
 * in cells of 4 × 4 ({@code 3·64 + 56 + 56 = 304} values).
 */
public final class BuiltInFeatures {
  /** Values of one image. */
  public static final int COUNT = 304;

  /** Identifies this definition in a task. */
  public static final String NAME = "builtin-8x8-color-edge-v1";

  private static final int SIDE = 32;
  private static final int CELL = 4;
  private static final int CELLS = SIDE / CELL;
  private static final float EDGE_WEIGHT = 2f;

  private BuiltInFeatures() {}

  /** {@code [images, 304]}. */
  public static float[][] of(ImageSet images) {
    return IntStream.range(0, images.count())
        .parallel()
        .mapToObj(i -> of(images, i))
        .toArray(float[][]::new);
  }

  private static float[] of(ImageSet images, int index) {
    int size = images.size();
    float[] values = new float[images.valuesPerImage()];
    images.copyTo(index, values, 0);
    float[] features = new float[COUNT];
    float[] grey = new float[SIDE * SIDE];
    int at = 0;
    for (int channel = 0; channel < ImageSet.CHANNELS; channel++) {
      float[] plane = new float[size * size];
      System.arraycopy(values, channel * size * size, plane, 0, plane.length);
      float[] scaled = BoxFilter.resize(plane, size, SIDE);
      for (int i = 0; i < grey.length; i++) {
        grey[i] += scaled[i] / ImageSet.CHANNELS;
      }
      float[] cells = BoxFilter.resize(scaled, SIDE, CELLS);
      System.arraycopy(cells, 0, features, at, cells.length);
      at += cells.length;
    }
    at = edges(grey, 1, SIDE, CELLS, CELLS - 1, features, at);
    edges(grey, SIDE, SIDE, CELLS - 1, CELLS, features, at);
    return features;
  }

  /** Mean |grey[p + step] - grey[p]| of {@code rows × columns} cells. */
  private static int edges(
      float[] grey, int step, int width, int rows, int columns, float[] target, int at) {
    int next = at;
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        float sum = 0;
        for (int y = 0; y < CELL; y++) {
          for (int x = 0; x < CELL; x++) {
            int p = (row * CELL + y) * width + column * CELL + x;
            sum += Math.abs(grey[p + step] - grey[p]);
          }
        }
        target[next++] = EDGE_WEIGHT * sum / (CELL * CELL);
      }
    }
    return next;
  }
}
