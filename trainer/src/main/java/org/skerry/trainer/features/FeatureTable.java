package org.skerry.trainer.features;

import java.util.stream.IntStream;
import org.skerry.trainer.dataset.ImageSet;

/**
 * What clustering sees of a dataset's images.
 *
 * @param name of the features, at most {@value #MAX_NAME} characters
 * @param vectors one of length one for every image, {@code [n, features]}; not copied, as they are
 *     many: only read
 */
@SuppressWarnings("ArrayRecordComponent") // large, and shared on purpose
public record FeatureTable(String name, float[][] vectors) {
  public static final int MAX_NAME = 128;

  /** Principal axes are fitted on at most this many rows of given features. */
  private static final int FITTED = 8_192;

  public FeatureTable {
    if (name.isBlank() || name.length() > MAX_NAME) {
      throw new IllegalArgumentException("feature name '" + name + "' is empty or too long");
    }
  }

  /** The features that need no weights. */
  public static FeatureTable builtIn(ImageSet images) {
    return new FeatureTable(BuiltInFeatures.NAME, FeatureSpace.fit(images).directions(images));
  }

  /**
   * Features from elsewhere: rows are brought to length one, as arXiv 2501.05450 does with
   * DINOv2's, and described by the directions of their {@value FeatureSpace#COMPONENTS} principal
   * components.
   *
   * @param rows {@code [n, features]}, n ≥ 2; overwritten
   */
  public static FeatureTable given(String name, float[][] rows) {
    for (float[] row : rows) {
      FeatureSpace.normalize(row);
    }
    int step = (rows.length + FITTED - 1) / FITTED;
    float[][] fitted =
        IntStream.range(0, (rows.length + step - 1) / step)
            .mapToObj(i -> rows[i * step])
            .toArray(float[][]::new);
    float[][] vectors = PrincipalComponents.fit(fitted, FeatureSpace.COMPONENTS).project(rows);
    for (float[] vector : vectors) {
      FeatureSpace.normalize(vector);
    }
    return new FeatureTable(name, vectors);
  }

  /** Number of images. */
  public int count() {
    return vectors.length;
  }

  /** The rows at {@code indices}, in that order. */
  public FeatureTable select(int... indices) {
    return new FeatureTable(
        name, IntStream.of(indices).mapToObj(i -> vectors[i]).toArray(float[][]::new));
  }
}
