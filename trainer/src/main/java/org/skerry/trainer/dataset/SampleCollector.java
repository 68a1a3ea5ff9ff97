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
  private final SampleDecoder decoder;
  private final ImageSet.Builder images;
  private final Set<String> keys = new HashSet<>();
  private final Map<BadImage, Integer> skipped = new EnumMap<>(BadImage.class);
  private final List<String> examples = new ArrayList<>();

  SampleCollector(SampleDecoder decoder, ReadLimits limits) {
    this.decoder = decoder;
    this.limits = limits;
    this.images = new ImageSet.Builder(decoder.format());
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
      case SampleDecoder.Result.Refused(BadImage reason) -> skip(where, reason);
      case SampleDecoder.Result.Decoded(SampleValues values) ->
          add(where, key, values, caption, classId);
    }
  }

  /** Takes one sample that is decoded already, of this collector's format. */
  void add(
      String where,
      String key,
      SampleValues values,
      @Nullable String caption,
      @Nullable Integer classId)
      throws TrainerException {
    if (images.count() >= limits.maxImages()) {
      throw new TrainerException(
          Reason.TOO_LARGE,
          where + ": more than " + limits.maxImages() + " images; split the dataset");
    }
    images.add(new ImageInfo(uniqueKey(key), cut(caption), classId), values);
  }

  void skip(String where, BadImage reason) {
    skipped.merge(reason, 1, Integer::sum);
    if (examples.size() < MAX_EXAMPLES) {
      examples.add(where + " (" + reason + ")");
    }
  }

  /** The dataset, unless too much of it was unreadable or nothing is left. */
  Dataset finish(String name) throws TrainerException {
    Dataset dataset = new Dataset(images.build(), skipped, examples, List.of());
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
          name
              + switch (decoder.format().kind()) {
                case PIXELS -> ": no JPEG or PNG image in it; name a folder or tar of some";
                case LATENTS -> ": no .npy or .safetensors latent in it; name a tar of some";
              });
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
