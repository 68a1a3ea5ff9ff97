package org.skerry.trainer.partition;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.skerry.trainer.dataset.ImageInfo;
import org.skerry.trainer.dataset.ImageSet;

/**
 * What experts see instead of pictures.
 *
 * @param plain one latent for each picture, in their order
 * @param mirrored those of the mirrored pictures, which are trained on beside the plain ones; empty
 *     for none
 */
public record Latents(ImageSet plain, Optional<ImageSet> mirrored) {
  private static final String SUFFIX = "-mirrored";

  public Latents {
    int count = plain.count();
    if (mirrored.isPresent() && mirrored.get().count() != count) {
      throw new IllegalArgumentException(
          count + " latents, but " + mirrored.get().count() + " mirrored ones");
    }
  }

  /** What is trained on of the pictures at {@code indices}. */
  ImageSet training(int... indices) {
    ImageSet chosen = plain.select(indices);
    return mirrored
        .map(set -> ImageSet.concat(List.of(chosen, renamed(set.select(indices)))))
        .orElse(chosen);
  }

  private static ImageSet renamed(ImageSet set) {
    List<ImageInfo> infos = new ArrayList<>();
    for (ImageInfo info : set.infos()) {
      String key = info.key();
      String stem = key.substring(0, Math.min(key.length(), ImageInfo.MAX_KEY - SUFFIX.length()));
      infos.add(new ImageInfo(stem + SUFFIX, info.caption(), info.classId()));
    }
    return set.withInfos(infos);
  }
}
