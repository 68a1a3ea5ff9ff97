package org.skerry.trainer.dataset;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;

/** Decodes samples as a source hands them over, and keeps the count of what was left out. */
final class SampleCollector {
  private static final int MAX_CAPTION = 2_000;
  private static final int MAX_EXAMPLES = 5;

  private final ReadLimits limits;
  private final ImageDecoder decoder;
  private final ImageSet.Builder images;
  private final boolean exactSize;
  private final int size;
  private final Set<String> keys = new HashSet<>();
  private final Map<BadImage, Integer> skipped = new EnumMap<>(BadImage.class);
  private final List<String> examples = new ArrayList<>();

  SampleCollector(int size, boolean exactSize, ReadLimits limits) {
    this.size = size;
    this.exactSize = exactSize;
    this.limits = limits;
    this.decoder = new ImageDecoder(size, limits);
    this.images = new ImageSet.Builder(size);
  }

  /**
   * Takes one sample.
   *
   * @param where names the source for messages, as in {@code a.tar: cat.png}
   */
  void add(
      String where, String key, byte[] encoded, @Nullable String caption, @Nullable Integer classId)
      throws TrainerException {
    switch (decoder.decode(encoded)) {
      case ImageDecoder.Refused(BadImage reason) -> skip(where, reason);
      case ImageDecoder.Decoded decoded -> {
        boolean fits = decoded.sourceWidth() == size && decoded.sourceHeight() == size;
        if (exactSize && !fits) {
          skip(where, BadImage.WRONG_SIZE);
          return;
        }
        if (images.count() >= limits.maxImages()) {
          throw new TrainerException(
              Reason.TOO_LARGE,
              where + ": more than " + limits.maxImages() + " images; split the dataset");
        }
        images.add(new ImageInfo(uniqueKey(key), cut(caption), classId), decoded.planes());
      }
    }
  }

  void skip(String where, BadImage reason) {
    skipped.merge(reason, 1, Integer::sum);
    if (examples.size() < MAX_EXAMPLES) {
      examples.add(where + " (" + reason + ")");
    }
  }

  /** The dataset, unless too much of it was unreadable or nothing is left. */
  Dataset finish(String name) throws TrainerException {
    Dataset dataset = new Dataset(images.build(), skipped, examples);
    int bad = dataset.skippedCount();
    int all = bad + images.count();
    if (bad > 0 && bad > all * limits.maxBadShare()) {
      throw new TrainerException(
          Reason.TOO_MANY_BAD_IMAGES,
          "%s: %d of %d images could not be read, the first is %s; repair or remove them"
              .formatted(name, bad, all, examples.getFirst()));
    }
    if (images.count() == 0) {
      throw new TrainerException(
          Reason.TOO_FEW_IMAGES,
          name + ": no JPEG or PNG image in it; name a folder or tar of some");
    }
    return dataset;
  }

  private String uniqueKey(String name) {
    String key = name.replace('.', '_').replace('/', '_');
    if (key.length() > ImageInfo.MAX_KEY - 12) {
      key = key.substring(0, ImageInfo.MAX_KEY - 12);
    }
    String candidate = key.isEmpty() ? "image" : key;
    for (int n = 2; !keys.add(candidate); n++) {
      candidate = key + "-" + n;
    }
    return candidate;
  }

  private static @Nullable String cut(@Nullable String caption) {
    return caption == null || caption.length() <= MAX_CAPTION
        ? caption
        : caption.substring(0, MAX_CAPTION);
  }
}
