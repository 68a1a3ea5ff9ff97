package org.skerry.trainer.dataset;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * A dataset as it was read.
 *
 * @param images what could be read
 * @param skipped how many images were left out, and why
 */
public record Dataset(ImageSet images, Map<BadImage, Integer> skipped) {
  public Dataset {
    Map<BadImage, Integer> copy = new EnumMap<>(BadImage.class);
    copy.putAll(skipped);
    skipped = Collections.unmodifiableMap(copy);
  }

  public int skippedCount() {
    return skipped.values().stream().mapToInt(Integer::intValue).sum();
  }
}
