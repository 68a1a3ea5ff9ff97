package org.skerry.trainer.features;

import org.skerry.trainer.dataset.ImageSet;

/**
 * {@link BuiltInFeatures} in {@value #COMPONENTS} principal components fitted on one set of images.
 */
public final class FeatureSpace {
  public static final int COMPONENTS = 48;

  private final PrincipalComponents components;

  private FeatureSpace(PrincipalComponents components) {
    this.components = components;
  }

  /** Fits the components on {@code images}, at least two. */
  public static FeatureSpace fit(ImageSet images) {
    return new FeatureSpace(PrincipalComponents.fit(BuiltInFeatures.of(images), COMPONENTS));
  }

  /** Projections as they are, for distances between distributions: {@code [n, components]}. */
  public float[][] project(ImageSet images) {
    return components.project(BuiltInFeatures.of(images));
  }

  /** Projections of length one, for clustering by angle: {@code [n, components]}. */
  public float[][] directions(ImageSet images) {
    float[][] rows = project(images);
    for (float[] row : rows) {
      normalize(row);
    }
    return rows;
  }

  static void normalize(float[] row) {
    double square = 0;
    for (float value : row) {
      square += (double) value * value;
    }
    // An image at the very mean has no direction; any one will do, as long as it is always the
    // same.
    if (square == 0) {
      row[0] = 1;
      return;
    }
    float scale = (float) (1 / Math.sqrt(square));
    for (int i = 0; i < row.length; i++) {
      row[i] *= scale;
    }
  }
}
