package org.skerry.node.task;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.trainer.dataset.ImageInfo;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.text.TextTable;

/**
 * The captions of images, for experts that read.
 *
 * @param texts each once, in the order in which they come
 * @param missing images that have none
 */
public record Captions(List<String> texts, int missing) {
  public Captions {
    texts = List.copyOf(texts);
  }

  /** The captions of {@code images}, which must have some. */
  public static Captions of(ImageSet images) throws NodeException {
    Set<String> texts = new LinkedHashSet<>();
    int missing = 0;
    for (ImageInfo info : images.infos()) {
      String caption = TextTable.plain(info.caption());
      if (caption.isEmpty()) {
        missing++;
      } else {
        texts.add(caption);
      }
    }
    if (texts.isEmpty()) {
      throw new NodeException(
          Reason.USAGE,
          "none of the " + images.count() + " images has a caption",
          "put a .txt with its caption beside each image, or leave out --text-encoder");
    }
    return new Captions(new ArrayList<>(texts), missing);
  }
}
