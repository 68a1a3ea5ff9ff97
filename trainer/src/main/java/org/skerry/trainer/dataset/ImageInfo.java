package org.skerry.trainer.dataset;

import org.jspecify.annotations.Nullable;

/**
 * What is known of an image besides its pixels.
 *
 * @param key unique within its dataset; no dot, no slash (a WebDataset key)
 * @param caption what the image shows, when the source says so
 * @param classId class index ≥ 0, when the source says so
 */
public record ImageInfo(String key, @Nullable String caption, @Nullable Integer classId) {
  /** Longest key in characters. */
  public static final int MAX_KEY = 200;

  public ImageInfo {
    if (key.isEmpty() || key.length() > MAX_KEY || key.indexOf('.') >= 0 || key.indexOf('/') >= 0) {
      throw new IllegalArgumentException("not a sample key: '" + key + "'");
    }
    if (classId != null && classId < 0) {
      throw new IllegalArgumentException("class " + classId + " is negative");
    }
  }

  public static ImageInfo of(String key) {
    return new ImageInfo(key, null, null);
  }
}
