package org.skerry.trainer.dataset;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A dataset as it was read.
 *
 * @param images what could be read
 * @param skipped how many images were left out, and why
 * @param examples the first of those, as in {@code a.tar: cat.png (UNDECODABLE)}
 * @param classNames in the order of their numbers; empty when the source has none
 */
public record Dataset(
    ImageSet images,
    Map<BadImage, Integer> skipped,
    List<String> examples,
    List<String> classNames) {
  /** A dataset of which nothing was left out. */
  public static Dataset whole(ImageSet images) {
    return new Dataset(images, Map.of(), List.of(), List.of());
  }

  Dataset withClassNames(List<String> names) {
    return new Dataset(images, skipped, examples, names);
  }

  public Dataset {
    examples = List.copyOf(examples);
    classNames = List.copyOf(classNames);
    Map<BadImage, Integer> copy = new EnumMap<>(BadImage.class);
    copy.putAll(skipped);
    skipped = Collections.unmodifiableMap(copy);
  }

  public int skippedCount() {
    return skipped.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** What was left out, for people; empty when nothing was. */
  public Optional<String> skippedText() {
    int count = skippedCount();
    if (count == 0) {
      return Optional.empty();
    }
    int more = count - examples.size();
    return Optional.of(
        "%d unreadable %s left out: %s%s"
            .formatted(
                count,
                count == 1 ? "image is" : "images are",
                String.join(", ", examples),
                more == 0 ? "" : ", and " + more + " more"));
  }
}
